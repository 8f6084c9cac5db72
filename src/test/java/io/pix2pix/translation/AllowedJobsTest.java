package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Format;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.image.Encoder;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs that name what they may not. */
@Timeout(60)
class AllowedJobsTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    /** Nothing listens there: whatever is asked of it fails otherwise than expected. */
    private static final StorageSettings NOBODY =
            StorageSettings.at(URI.create("http://127.0.0.1:1"), "a", "b")
                    .within(Duration.ofSeconds(1), Duration.ofSeconds(1), 1, Duration.ofSeconds(5))
                    .allowing(
                            List.of(),
                            List.of("s3://photos/in/"),
                            List.of("s3://results/out/"),
                            List.of("s3://models/maps/"));

    @ParameterizedTest
    @CsvSource({
        "s3://models/maps/g.pt, s3://photos/other/, s3://results/out/, input.uri, allow-read",
        "s3://models/maps/g.pt, s3://photos/in/../x/, s3://results/out/, input.uri, allow-read",
        "s3://models/maps/g.pt, s3://models/maps/a.jpg, s3://results/out/, input.uri, allow-read",
        "s3://models/maps/g.pt, s3://photos/in/, s3://results/, output.uri, allow-write",
        "s3://models/maps/g.pt, s3://photos/in/, s3://results/outer, output.uri, allow-write",
        "s3://models/maps/g.pt, s3://photos/in/, s3://photos/in/a/, output.uri, allow-write",
        "s3://photos/in/g.pt, s3://photos/in/, s3://results/out/, model.uri, allow-models",
        "s3://results/out/g.pt, s3://photos/in/, s3://results/out/a/, model.uri, allow-models",
        "s3://models/maps/%2e%2e/g.pt, s3://photos/in/, s3://results/out/, model.uri, allow-models",
    })
    void areRejectedBeforeAnythingIsRead(
            String model, String input, String output, String field, String property) {
        try (ObjectStore store = new ObjectStore(NOBODY)) {
            Failure failure = failure(() -> plan(store, job(model, input, output, false)));

            assertThat(failure.code()).isEqualTo("NOT_ALLOWED");
            assertThat(failure.retriable()).isFalse();
            assertThat(failure.message())
                    .startsWith(field + ": s3://")
                    .contains(
                            "is outside of what pix2pix.storage." + property + " permits: [s3://");
        }
    }

    @Test
    void thatNameWhatTheyMayArePlanned() {
        try (ObjectStore store = new ObjectStore(NOBODY)) {
            TranslationJob allowed =
                    job("s3://models/maps/g.pt", "s3://photos/in/", "s3://results/out", false);

            assertThat(failure(() -> plan(store, allowed)).code()).isEqualTo("STORAGE_UNAVAILABLE");
        }
    }

    @Test
    void areRejectedForALineOfTheirManifest() {
        S3Uri prefix = STACK.prefix();
        STACK.store().create(prefix.resolve("model.pt"), new byte[1], "a/b", Map.of());
        String lines = "\"%1$sin/a.png\"\n\n\"%1$sother/b.png\"\n".formatted(prefix);
        S3Uri list = prefix.resolve("in/list.jsonl");
        STACK.store().create(list, lines.getBytes(StandardCharsets.UTF_8), "a/b", Map.of());
        try (ObjectStore store = new ObjectStore(only(prefix))) {
            TranslationJob job =
                    job(
                            prefix.resolve("model.pt").toString(),
                            list.toString(),
                            prefix.resolve("out/").toString(),
                            true);

            Failure failure = failure(() -> plan(store, job));

            assertThat(failure.code()).isEqualTo("NOT_ALLOWED");
            assertThat(failure.message())
                    .startsWith("Line 3 of " + list + ": " + prefix + "other/b.png is outside");
        }
    }

    /** Whoever can write where outputs go could put other inputs into the manifest. */
    @Test
    void readNoInputThatAChangedManifestNames() throws IOException {
        S3Uri prefix = STACK.prefix();
        try (ObjectStore store = new ObjectStore(only(prefix));
                Workplace workplace = new Workplace(STACK.store(), prefix, new Inverter(4), 4, 8);
                Workplace within = new Workplace(store, prefix, new Inverter(4), 4, 8, false)) {
            byte[] picture = Encoder.png(Workplace.image(12, 8, 1));
            STACK.store().create(prefix.resolve("out/secret.png"), picture, "a/b", Map.of());
            workplace.putImages(1);
            TranslationJob job = workplace.job("changed");
            Manifest manifest = new Manifest(STACK.store(), JobLayout.of(job));
            String secret = prefix.resolve("out/secret.png").toString();
            String copy = prefix.resolve("out/copy.png").toString();
            ManifestEntry entry = new ManifestEntry(secret, "e", 100, copy, null);
            manifest.write(0, new ManifestShard(List.of(entry), List.of(), true));
            TranslationTask task = workplace.task(job, 0);

            TranslationResult result = within.translate(task, 1).results().get(0);

            assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
            Failure failure = Objects.requireNonNull(result.failure());
            assertThat(failure.code()).isEqualTo("NOT_ALLOWED");
            assertThat(failure.message()).contains(secret, "pix2pix.storage.allow-read");
            assertThat(workplace.outputKeys()).containsExactly("secret.png");
        }
    }

    @Test
    void getNoModelOfAWorkerThatMayNotLoadIt(@TempDir Path folder) {
        try (ObjectStore store = new ObjectStore(NOBODY)) {
            ModelFiles files = new ModelFiles(store, folder, 1 << 20, Workplace.CLOCK);

            assertThat(failure(() -> files.find(S3Uri.parse("s3://photos/in/g.pt"))).code())
                    .isEqualTo("NOT_ALLOWED");
        }
    }

    private static StorageSettings only(S3Uri prefix) {
        return STACK.storage()
                .allowing(
                        List.of(),
                        List.of(prefix.resolve("in/").toString()),
                        List.of(prefix.resolve("out/").toString()),
                        List.of(prefix.resolve("model.pt").toString()));
    }

    private static void plan(ObjectStore store, TranslationJob job) {
        new Planner(store, Long.MAX_VALUE).plan(job, "digest", (shard, images) -> {});
    }

    private static Failure failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        FailureException e = catchThrowableOfType(FailureException.class, call);
        assertThat(e).isNotNull();
        return e.failure();
    }

    private static TranslationJob job(String model, String input, String output, boolean list) {
        return new TranslationJob(
                "allowed",
                new TranslationJob.Model(model, null),
                new TranslationJob.Input(input, List.of(), List.of(), Side.WHOLE, list),
                new TranslationJob.Output(output, Format.PNG, 0, IfExists.SKIP),
                new Size(Size.Mode.PAD, 0, 0),
                256);
    }
}
