package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Format;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Input;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.LocalStackExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Planners that crash, meet and stop. */
@Timeout(60)
class PlanResumeTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private S3Uri root;
    private ObjectStore store;

    @BeforeEach
    void open() {
        root = STACK.prefix();
        store = STACK.store();
        store.create(root.resolve("model.pt"), new byte[1], "application/octet-stream", Map.of());
    }

    /** Keys that sort between each other's stems, and a planner that dies after every shard. */
    @Test
    void aPlanThatCrashesAndResumesIsTheSameAsOneThatDoesNot() {
        List<StoredObject> objects = awkwardObjects(120);
        Planner whole = new Planner(store, lister(objects), Long.MAX_VALUE);
        TranslationJob job = job("whole", "in/", "out/", 7);
        PlanOutcome expected = whole.plan(job, "digest", (s, n) -> {});

        TranslationJob again = job("again", "in/", "again/", 7);
        List<Integer> reported = new ArrayList<>();
        int crashes = 0;
        PlanOutcome outcome = null;
        while (outcome == null) {
            int dieAt = crashes;
            try {
                outcome =
                        new Planner(store, lister(objects), Long.MAX_VALUE)
                                .plan(
                                        again,
                                        "digest",
                                        (shard, images) -> {
                                            if (shard == dieAt) {
                                                throw new IllegalStateException("crash");
                                            }
                                            reported.add(shard);
                                        });
            } catch (IllegalStateException e) {
                crashes++;
            }
        }

        assertThat(outcome).isEqualTo(expected);
        assertThat(crashes).isEqualTo(expected.shards());
        for (int shard = 0; shard < expected.shards(); shard++) {
            assertThat(relocated(read("again", "again/", shard), "again/"))
                    .isEqualTo(read("whole", "out/", shard));
        }
        assertThat(reported.subList(reported.size() - expected.shards(), reported.size()))
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(entries("whole", "out/", expected.shards()))
                .anyMatch(e -> e.problem() != null)
                .extracting(ManifestEntry::uri)
                .isEqualTo(objects.stream().map(o -> o.uri().toString()).toList());
    }

    @Test
    void aPlannerThatMeetsAnothersShardsGoesOnBehindThem() {
        List<StoredObject> objects = awkwardObjects(60);
        List<StoredObject> fewer = objects.stream().filter(o -> o.size() % 3 != 0).toList();
        TranslationJob job = job("met", "in/", "out/", 7);
        TranslationJob first = job("first", "in/", "first/", 7);
        PlanOutcome ofFewer =
                new Planner(store, lister(fewer), Long.MAX_VALUE)
                        .plan(first, "digest", (s, n) -> {});

        // A slow planner saw more objects; before its third shard a quick one writes the whole
        // plan.
        List<Integer> images = new ArrayList<>();
        PlanOutcome outcome =
                new Planner(store, lister(fewer), Long.MAX_VALUE)
                        .plan(
                                job,
                                "digest",
                                (shard, n) -> {
                                    images.add(n);
                                    if (shard == 2) {
                                        new Planner(store, lister(fewer), Long.MAX_VALUE)
                                                .plan(job, "digest", (s, m) -> {});
                                    }
                                });

        assertThat(outcome).isEqualTo(ofFewer);
        assertThat(images.stream().mapToInt(Integer::intValue).sum()).isEqualTo(fewer.size());
    }

    @Test
    void aPlanCanBeStopped() {
        List<StoredObject> objects = awkwardObjects(60);
        List<Integer> shards = new ArrayList<>();
        PlanListener listener =
                new PlanListener() {
                    @Override
                    public void shardPlanned(int shard, int images) {
                        shards.add(shard);
                    }

                    @Override
                    public boolean stopRequested() {
                        return shards.size() == 2;
                    }
                };

        assertThatThrownBy(
                        () ->
                                new Planner(store, lister(objects), Long.MAX_VALUE)
                                        .plan(job("stop", "in/", "out/", 7), "digest", listener))
                .isInstanceOf(TaskStoppedException.class);
        assertThat(shards).containsExactly(0, 1);
    }

    private List<StoredObject> awkwardObjects(int count) {
        Random random = new Random(7);
        TreeSet<String> keys = new TreeSet<>(PrefixInputs::compareUtf8);
        while (keys.size() < count) {
            StringBuilder key = new StringBuilder("in/");
            int length = 1 + random.nextInt(4);
            for (int i = 0; i < length; i++) {
                key.append("ab.-/\uD83D\uDE00".charAt(random.nextInt(5)));
            }
            keys.add(key + (random.nextBoolean() ? ".jpg" : ".png"));
        }
        List<StoredObject> objects = new ArrayList<>();
        keys.forEach(key -> objects.add(object(key, objects.size())));
        return objects;
    }

    private StoredObject object(String below, int size) {
        return new StoredObject(root.resolve(below), "etag" + size, size, Map.of());
    }

    private static Planner.Lister lister(List<StoredObject> objects) {
        return (prefix, after) ->
                objects.stream()
                        .filter(
                                o ->
                                        after == null
                                                || PrefixInputs.compareUtf8(o.uri().key(), after)
                                                        > 0);
    }

    private ManifestShard read(String id, String out, int shard) {
        return new Manifest(store, layout(id, out)).read(shard);
    }

    /** The shard as if it were written to out/. */
    private ManifestShard relocated(ManifestShard shard, String out) {
        String text = new String(shard.toJsonLines(), StandardCharsets.UTF_8);
        return ManifestShard.parse(
                text.replace(uri(out), uri("out/")).getBytes(StandardCharsets.UTF_8));
    }

    private List<ManifestEntry> entries(String id, String out, int shards) {
        List<ManifestEntry> entries = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            entries.addAll(read(id, out, shard).entries());
        }
        assertThat(new Manifest(store, layout(id, out)).shards()).isEqualTo(shards);
        return entries;
    }

    private JobLayout layout(String id, String out) {
        return new JobLayout(root.resolve(out), id);
    }

    private String uri(String below) {
        return root.resolve(below).toString();
    }

    private TranslationJob job(String id, String in, String out, int shardSize) {
        return new TranslationJob(
                id,
                new TranslationJob.Model(uri("model.pt"), null),
                new Input(uri(in), List.of(), List.of(), Side.WHOLE, false),
                new TranslationJob.Output(uri(out), Format.PNG, 0, IfExists.SKIP),
                new Size(Size.Mode.RESIZE, 0, 0),
                shardSize);
    }
}
