package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Format;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Input;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.LocalStackExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class PlannerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private S3Uri root;
    private ObjectStore store;

    @BeforeEach
    void open() {
        root = STACK.prefix();
        store = STACK.store();
        put("model.pt");
    }

    @Test
    void takesImagesBelowThePrefixAndReplacesTheirExtension() {
        put("in/a.jpg");
        put("in/b c/ü.PNG");
        put("in/b c/notes.txt");
        put("in/c.webp");

        PlanOutcome outcome = plan(job("plain", "in/", "out/", 2));

        assertThat(outcome).isEqualTo(new PlanOutcome(2, 3));
        assertThat(entries("plain", "out/", 2))
                .extracting(ManifestEntry::uri, ManifestEntry::output)
                .containsExactly(
                        tuple("in/a.jpg", "out/a.png"),
                        tuple("in/b c/ü.PNG", "out/b c/ü.png"),
                        tuple("in/c.webp", "out/c.png"));
        assertThat(entries("plain", "out/", 2)).allMatch(e -> e.etag() != null && e.size() == 3);
        assertThat(store.head(layout("plain", "out/").plan())).isPresent();
    }

    @Test
    void leavesOutItsOwnOutputAndBookkeepingBelowTheInput() {
        put("in/a.jpg");
        put("in/results/a.png");
        put("in/other/_pix2pix/job/strange.png");
        put("in/_pix2pix/job/strange.png");

        assertThat(plan(job("nested", "in/", "in/results/", 10))).isEqualTo(new PlanOutcome(1, 1));
    }

    @Test
    void includesAndExcludesByPatternsOnTheKeyBelowThePrefix() {
        put("in/train/a.jpg");
        put("in/train/a.mask.png");
        put("in/val/b.jpg");
        TranslationJob job =
                with(
                        job("globs", "in/", "out/", 10),
                        new Input(
                                root.resolve("in/").toString(),
                                List.of("train/**"),
                                List.of("**/*.mask.*"),
                                Side.WHOLE,
                                false));

        plan(job);

        assertThat(entries("globs", "out/", 1))
                .extracting(ManifestEntry::uri)
                .containsExactly(root.resolve("in/train/a.jpg").toString());
    }

    @Test
    void theFirstOfTwoInputsWithOneOutputWinsAndTheOtherSaysWhy() {
        put("in/a.jpg");
        put("in/a.mask.png");
        put("in/a.png");

        plan(job("collision", "in/", "out/", 10));

        List<ManifestEntry> entries = entries("collision", "out/", 1);
        assertThat(entries.get(0).problem()).isNull();
        assertThat(entries.get(1).problem()).isNull();
        assertThat(entries.get(2).problem())
                .isNotNull()
                .satisfies(
                        f -> {
                            assertThat(f.code()).isEqualTo("OUTPUT_COLLISION");
                            assertThat(f.message())
                                    .contains(uri("in/a.png"), uri("in/a.jpg"), uri("out/a.png"));
                        });
    }

    @Test
    void aKeyThatS3DoesNotTakeIsThatImagesProblem() {
        String name = "x".repeat(200);
        String deep = name + "/" + name + "/" + name + "/" + name + "/" + name.substring(70);
        put("in/" + deep + ".jpg");

        plan(job("long", "in/", "out/" + name.substring(50) + "/", 10));

        assertThat(entries("long", "out/" + name.substring(50) + "/", 1))
                .singleElement()
                .extracting(ManifestEntry::problem)
                .extracting("code")
                .isEqualTo("KEY_TOO_LONG");
    }

    @Test
    void outputsAreNeverWrittenAmongTheInputs() {
        put("all/in/in/a.jpg");
        put("all/in/b.jpg");

        plan(job("among", "all/in/", "all/", 10));

        assertThat(entries("among", "all/", 1))
                .extracting(e -> e.problem() == null ? "" : e.problem().code())
                .containsExactly("", "OUTPUT_AMONG_INPUTS");
    }

    @Test
    void oneObjectIsAJobOfOneImage() {
        put("in/deep/a.jpg");

        plan(job("one", "in/deep/a.jpg", "out", 10));

        assertThat(entries("one", "out/", 1))
                .extracting(ManifestEntry::uri, ManifestEntry::output)
                .containsExactly(tuple("in/deep/a.jpg", "out/a.png"));
    }

    @Test
    void aUsersManifestIsTakenInItsOrder() {
        S3Uri list =
                put(
                        "list.jsonl",
                        "\"%s\"\n\n{\"uri\": \"%s\", \"note\": 1}\n"
                                .formatted(uri("in/b.tif"), uri("in/a.jpg")));

        plan(listed("listed", list));

        assertThat(entries("listed", "out/", 1))
                .extracting(ManifestEntry::uri, ManifestEntry::output)
                .containsExactly(
                        tuple("in/b.tif", "out/" + root.key() + "in/b.png"),
                        tuple("in/a.jpg", "out/" + root.key() + "in/a.png"));
    }

    @Test
    void aMalformedLineRejectsTheJobAndNamesTheLine() {
        String good = "\"%s\"%n".formatted(uri("in/a.jpg"));
        for (String bad : List.of("{\"uri\"", "17", "\"in/a.jpg\"", "\"s3://bucket/prefix/\"")) {
            S3Uri list = put("list-%d.jsonl".formatted(bad.hashCode()), good + good + bad + "\n");
            Failure failure = rejection(listed("malformed", list));
            assertThat(failure.code()).isEqualTo("MANIFEST_MALFORMED");
            assertThat(failure.message()).contains("Line 3", list.toString(), bad);
        }
    }

    @Test
    void aLineWithoutEndRejectsTheJob() {
        String good = "\"%s\"%n".formatted(uri("in/a.jpg"));
        S3Uri list = put("endless.jsonl", good + "\"s3://bucket/" + "k".repeat(20_000) + "\"");
        Failure failure = rejection(listed("endless", list));
        assertThat(failure.code()).isEqualTo("MANIFEST_MALFORMED");
        assertThat(failure.message()).contains("Line 2", "a line of more than 16384 characters");
    }

    @Test
    void whatCannotBeDoneIsRejectedInWordsThatHelp() {
        put("in/readme.txt");
        put("in/more.txt");

        assertThat(rejection(job("r1", "in/", "out/", 10)))
                .satisfies(
                        f -> {
                            assertThat(f.stage()).isEqualTo(Stage.PLAN);
                            assertThat(f.code()).isEqualTo("NO_INPUT");
                            assertThat(f.message()).contains("2 objects seen", "**/*.{jpg,");
                        });
        assertThat(rejection(job("r2", "nowhere/a.jpg", "out/", 10)).code()).isEqualTo("NO_INPUT");
        assertThat(rejection(job("r3", "in/", "in/", 10)).message()).contains("output.uri");
        TranslationJob noModel =
                new TranslationJob(
                        "r4",
                        new TranslationJob.Model(uri("nothing.pt"), null),
                        job("r4", "in/", "out/", 10).input(),
                        job("r4", "in/", "out/", 10).output(),
                        new Size(Size.Mode.RESIZE, 0, 0),
                        0);
        assertThat(rejection(noModel))
                .satisfies(
                        f -> {
                            assertThat(f.stage()).isEqualTo(Stage.MODEL);
                            assertThat(f.code()).isEqualTo("MODEL_NOT_FOUND");
                            assertThat(f.message()).contains(uri("nothing.pt"));
                        });
        Input badGlob = new Input(uri("in/"), List.of("{a"), List.of(), Side.WHOLE, false);
        assertThat(rejection(with(job("r5", "in/", "out/", 10), badGlob)).message())
                .contains("'{a'");
        Input noUri = new Input("in/", List.of(), List.of(), Side.WHOLE, false);
        assertThat(rejection(with(job("r6", "in/", "out/", 10), noUri)).message())
                .contains("input.uri", "s3://bucket/key");
        Input noBucket =
                new Input("s3://no-such-bucket/in/", List.of(), List.of(), Side.WHOLE, false);
        assertThat(rejection(with(job("r7", "in/", "out/", 10), noBucket)))
                .satisfies(
                        f -> {
                            assertThat(f.code()).isEqualTo("NO_BUCKET");
                            assertThat(f.message()).contains("input.uri", "no-such-bucket");
                        });
    }

    @Test
    void anotherJobOfTheSameIdIsRefused() {
        put("in/a.jpg");
        plan(job("same", "in/", "out/", 10));

        assertThat(
                        new Planner(store, Long.MAX_VALUE)
                                .plan(job("same", "in/", "out/", 10), "digest", (s, n) -> {}))
                .isEqualTo(new PlanOutcome(1, 1));
        assertThatThrownBy(
                        () ->
                                new Planner(store, Long.MAX_VALUE)
                                        .plan(
                                                job("same", "in/", "out/", 10),
                                                "other",
                                                (s, n) -> {}))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("choose another jobId");
    }

    @Test
    void aListingOutOfOrderIsRefused() {
        List<StoredObject> objects = List.of(object("in/b.png", 1), object("in/a.png", 2));

        assertThatThrownBy(
                        () ->
                                new Planner(
                                                store,
                                                (prefix, after) -> objects.stream(),
                                                Long.MAX_VALUE)
                                        .plan(
                                                job("order", "in/", "out/", 7),
                                                "digest",
                                                (s, n) -> {}))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("in/a.png");
    }

    @Test
    void aJobOfTooManyImagesIsRejectedWithTheBound() {
        List<StoredObject> objects = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            objects.add(object("in/%02d.png".formatted(i), i));
        }
        List<Integer> shards = new ArrayList<>();
        Planner bounded = new Planner(store, (prefix, after) -> objects.stream(), 25);

        assertThatThrownBy(
                        () ->
                                bounded.plan(
                                        job("many", "in/", "out/", 10),
                                        "digest",
                                        (shard, images) -> shards.add(shard)))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("at least 30 images, expected at most 25")
                .hasMessageContaining("pix2pix.translation.max-images-per-job");
        assertThat(shards).containsExactly(0, 1);
        Planner wide = new Planner(store, (prefix, after) -> objects.stream(), 50);
        assertThat(wide.plan(job("fits", "in/", "out/", 10), "digest", (s, n) -> {}).images())
                .isEqualTo(50);
    }

    /** A cancel is heard also where nothing below the prefix is an input. */
    @Test
    void aListingWithoutInputsCanBeStopped() {
        AtomicInteger listed = new AtomicInteger();
        Planner planner =
                new Planner(
                        store,
                        (prefix, after) ->
                                Stream.iterate(0, i -> i + 1)
                                        .peek(i -> listed.incrementAndGet())
                                        .map(i -> object("in/%09d.txt".formatted(i), i)),
                        Long.MAX_VALUE);
        PlanListener listener =
                new PlanListener() {
                    @Override
                    public void shardPlanned(int shard, int images) {}

                    @Override
                    public boolean stopRequested() {
                        return listed.get() > 10_000;
                    }
                };

        assertThatThrownBy(() -> planner.plan(job("stop", "in/", "out/", 10), "digest", listener))
                .isInstanceOf(TaskStoppedException.class);
        assertThat(listed.get()).isLessThan(12_000);
    }

    private StoredObject object(String below, int size) {
        return new StoredObject(root.resolve(below), "etag" + size, size, Map.of());
    }

    private ManifestShard read(String id, String out, int shard) {
        return new Manifest(store, layout(id, out)).read(shard);
    }

    private PlanOutcome plan(TranslationJob job) {
        return new Planner(store, Long.MAX_VALUE).plan(job, "digest", (shard, images) -> {});
    }

    private Failure rejection(TranslationJob job) {
        Failure failure = catchThrowableOfType(FailureException.class, () -> plan(job)).failure();
        assertThat(failure.retriable()).isFalse();
        return failure;
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

    private Tuple tuple(String input, String output) {
        return Tuple.tuple(uri(input), uri(output));
    }

    private S3Uri put(String below) {
        return put(below, "abc");
    }

    private S3Uri put(String below, String content) {
        S3Uri uri = root.resolve(below);
        store.create(uri, content.getBytes(StandardCharsets.UTF_8), "text/plain", Map.of());
        return uri;
    }

    private TranslationJob listed(String id, S3Uri list) {
        return with(
                job(id, "in/", "out/", 10),
                new Input(list.toString(), List.of(), List.of(), Side.WHOLE, true));
    }

    private static TranslationJob with(TranslationJob job, Input input) {
        return new TranslationJob(
                job.jobId(), job.model(), input, job.output(), job.size(), job.shardSize());
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
