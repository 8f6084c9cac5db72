package io.pix2pix.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.engine.EngineSettings;
import io.pix2pix.engine.Generator;
import io.pix2pix.engine.Generators;
import io.pix2pix.engine.TensorEngine;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Resize;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs from a topic to images in S3, with a real broker, a real S3 server and a real worker. */
@Timeout(300)
class TranslationIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static S3Uri base;
    private static ObjectStore store;
    private static WorkerProcess worker;
    private static KafkaUser user;
    private static Path model;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        String prefix = STACK.name("translation") + ".";
        base = STACK.prefix();
        store = STACK.store();
        model = folder.resolve("generator.pt");
        Models.small(model, 3, 1);
        store.upload(model, base.resolve("generator.pt"), "application/octet-stream", Map.of());
        worker = WorkerProcess.start(STACK, Map.of("pix2pix.kafka.prefix", prefix)).ready();
        user = new KafkaUser(STACK.bootstrapServers(), prefix);
    }

    @AfterAll
    static void stop() throws Exception {
        user.close();
        assertThat(worker.terminate(Duration.ofSeconds(30))).isZero();
        worker.close();
    }

    @Test
    void everyImageOfAPrefixIsTranslatedOnceAsTheGeneratorWouldAlone() {
        S3Uri input = base.resolve("plain/in/");
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 0; i < 25; i++) {
            boolean jpeg = i % 2 == 0;
            String key = "%s/%03d.%s".formatted(i < 10 ? "a" : "b c", i, jpeg ? "jpg" : "png");
            files.put(key, jpeg ? Pictures.jpeg(90, 70, i) : Pictures.png(64, 64, i));
        }
        files.forEach((key, bytes) -> put(input.resolve(key), bytes));
        put(input.resolve("notes.txt"), "not an input".getBytes(UTF_8));

        user.write("translation-jobs", "plain", job("plain", "\"shardSize\": 10"));
        JobStatus end = user.awaitEnd("plain");

        assertThat(end.state()).isEqualTo(State.SUCCEEDED);
        assertThat(end.tasks()).isEqualTo(3);
        List<TranslationResult> results = user.results("plain");
        assertThat(results).hasSize(25).allMatch(r -> r.outcome() == Outcome.SUCCEEDED);
        assertThat(results.stream().map(TranslationResult::input).collect(Collectors.toSet()))
                .isEqualTo(
                        files.keySet().stream()
                                .map(k -> input.resolve(k).toString())
                                .collect(Collectors.toCollection(HashSet::new)));
        Decoder decoder = new Decoder();
        try (Generator alone =
                new Generators(TensorEngine.open(EngineSettings.DEFAULT)).load(model, null)) {
            for (TranslationResult result : results) {
                byte[] file = store.read(S3Uri.parse(result.input()), 1 << 20).bytes();
                Pixels resized = Resize.bicubic(decoder.decode(file, 3), 64, 64);
                Pixels expected = alone.translate(List.of(resized)).get(0);
                byte[] png = store.read(S3Uri.parse(result.output()), 1 << 20).bytes();
                assertThat(largestDifference(decoder.decode(png, 3), expected)).isLessThan(2);
            }
        }
        String report = new String(store.read(S3Uri.parse(end.report()), 1 << 20).bytes(), UTF_8);
        assertThat(report).contains("\"succeeded\":25").contains("\"failed\":0");
    }

    @Test
    void outputsSayWhereTheyComeFrom() {
        put(base.resolve("lineage/in/x.png"), Pictures.png(64, 64, 7));
        user.write("translation-jobs", "lineage", job("lineage", "\"shardSize\": 5"));
        assertThat(user.awaitEnd("lineage").state()).isEqualTo(State.SUCCEEDED);
        StoredObject output = store.head(base.resolve("lineage/out/x.png")).orElseThrow();
        assertThat(output.metadata())
                .containsValue("lineage")
                .containsValue(base.resolve("lineage/in/x.png").toString());
    }

    @Test
    void badImagesFailOneByOneWithTheirReasonAndTheRestIsTranslated() {
        S3Uri input = base.resolve("bad/in/");
        byte[] png = Pictures.png(64, 64, 1);
        put(input.resolve("zero.png"), new byte[0]);
        put(input.resolve("half.png"), Arrays.copyOf(png, png.length / 2));
        byte[] jpeg = Pictures.jpeg(200, 200, 2);
        put(input.resolve("truncated.jpg"), Arrays.copyOf(jpeg, jpeg.length / 2));
        put(input.resolve("text.png"), "this is no image".getBytes(UTF_8));
        put(input.resolve("huge.png"), Pictures.pngHeader(60_000, 60_000));
        put(input.resolve("twice.gif"), Pictures.of(30, 30, "gif", BufferedImage.TYPE_INT_RGB, 9));
        put(input.resolve("twice.jpg"), Pictures.jpeg(64, 64, 3));
        put(input.resolve("a png in fact.jpg"), png);
        put(input.resolve("grün & 100% + häßlich/日本.png"), png);
        put(input.resolve(("d".repeat(99) + "/").repeat(8) + "long.png"), png);
        put(input.resolve("gray.png"), Pictures.of(50, 50, "png", BufferedImage.TYPE_BYTE_GRAY, 4));
        put(
                input.resolve("gray16.png"),
                Pictures.of(50, 50, "png", BufferedImage.TYPE_USHORT_GRAY, 4));
        put(input.resolve("alpha.png"), Pictures.of(50, 50, "png", BufferedImage.TYPE_INT_ARGB, 4));
        put(
                input.resolve("palette.png"),
                Pictures.of(50, 50, "png", BufferedImage.TYPE_BYTE_INDEXED, 4));
        put(input.resolve("x.bmp"), Pictures.of(50, 50, "bmp", BufferedImage.TYPE_INT_RGB, 4));

        user.write("translation-jobs", "bad", job("bad", "\"shardSize\": 4"));
        JobStatus end = user.awaitEnd("bad");

        assertThat(end.state()).isEqualTo(State.COMPLETED_WITH_FAILURES);
        Map<String, String> failures =
                user.results("bad").stream()
                        .filter(r -> r.failure() != null)
                        .collect(
                                Collectors.toMap(
                                        r -> S3Uri.parse(r.input()).key().replaceAll(".*/", ""),
                                        r -> r.failure().code()));
        assertThat(failures)
                .containsOnly(
                        Map.entry("zero.png", "EMPTY_FILE"),
                        Map.entry("half.png", "TRUNCATED"),
                        Map.entry("truncated.jpg", "TRUNCATED"),
                        Map.entry("text.png", "NOT_AN_IMAGE"),
                        Map.entry("huge.png", "IMAGE_TOO_LARGE"),
                        Map.entry("twice.jpg", "OUTPUT_COLLISION"));
        assertThat(user.results("bad")).hasSize(15);
        assertThat(end.images()).isEqualTo(new JobStatus.Images(15, 9, 0, 6, 0));
        S3Uri failed = base.resolve("bad/out/_pix2pix/bad/failures.jsonl");
        assertThat(new String(store.read(failed, 1 << 20).bytes(), UTF_8).lines()).hasSize(6);
    }

    @Test
    void theSameJobTwiceIsOneJobAndAnotherWithItsIdIsPutAway() {
        put(base.resolve("twin/in/x.png"), Pictures.png(64, 64, 7));
        String twin = job("twin", "\"shardSize\": 5");
        user.write("translation-jobs", "twin", twin);
        user.write("translation-jobs", "twin", twin);
        JobStatus end = user.awaitEnd("twin");
        user.write("translation-jobs", "twin", job("twin", "\"shardSize\": 6"));
        user.write("translation-jobs", "twin", twin);
        put(base.resolve("after-twin/in/x.png"), Pictures.png(64, 64, 7));
        user.write("translation-jobs", "after-twin", job("after-twin", "\"shardSize\": 6"));
        user.awaitEnd("after-twin");
        assertThat(user.results("twin")).hasSize(1);
        assertThat(user.status("twin")).isEqualTo(end);
        assertThat(user.deadLetters("twin"))
                .singleElement()
                .satisfies(
                        r ->
                                assertThat(KafkaUser.header(r, "pix2pix_message"))
                                        .contains("twin is taken by another job"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    no-model     | generator.pt -> none.pt                | there is no object
                    no-script    | generator.pt -> no-script/in/notes.txt | notes.txt is no TorchScript module
                    empty-prefix | /in/ -> /nothing/                      | No input image below
                    no-bucket    | pix2pix/ -> no-such-bucket/            | no-such-bucket
                    """)
    void aJobThatCannotBeDoneEndsFailedWithAMessageToActOn(
            String id, String mistake, String message) {
        put(base.resolve(id + "/in/x.png"), Pictures.png(64, 64, 7));
        put(base.resolve(id + "/in/notes.txt"), "no model".getBytes(UTF_8));
        String[] change = mistake.split(" -> ");
        String json = job(id, "\"shardSize\": 5").replace(change[0], change[1]);
        user.write("translation-jobs", id, json);
        JobStatus end = user.awaitEnd(id);
        assertThat(end.state()).isEqualTo(State.FAILED);
        assertThat(end.message()).containsIgnoringCase(message);
        assertThat(user.results(id)).isEmpty();
    }

    @Test
    void aModelOfOtherChannelsFailsTheJobOrItsImagesByName(@TempDir Path folder)
            throws IOException {
        Path five = folder.resolve("five.pt");
        Models.small(five, 5, 1);
        store.upload(five, base.resolve("five.pt"), "application/octet-stream", Map.of());
        put(base.resolve("five/in/x.png"), Pictures.png(64, 64, 7));
        user.write(
                "translation-jobs",
                "five",
                job("five", "\"shardSize\": 5").replace("generator.pt", "five.pt"));
        JobStatus end = user.awaitEnd("five");
        assertThat(end.state()).isIn(State.FAILED, State.COMPLETED_WITH_FAILURES);
        String said =
                end.message()
                        + user.results("five").stream()
                                .map(r -> String.valueOf(r.failure()))
                                .collect(Collectors.joining());
        assertThat(said).contains("5 channels");
    }

    @Test
    void whatIsNoJobGoesToTheDeadLettersAndEndsFailedIfItNamesAJob() {
        user.write("translation-jobs", "garbage", "{not json");
        user.write("translation-jobs", "half", "{\"jobId\": \"half\", \"model\": {}}");
        put(base.resolve("after-half/in/x.png"), Pictures.png(64, 64, 7));
        user.write("translation-jobs", "after-half", job("after-half", "\"shardSize\": 6"));
        assertThat(user.awaitEnd("after-half").state()).isEqualTo(State.SUCCEEDED);
        JobStatus end = user.awaitEnd("half");
        assertThat(end.state()).isEqualTo(State.FAILED);
        assertThat(end.message()).contains("$.model").contains("'input'");
        assertThat(user.deadLetters("garbage"))
                .singleElement()
                .satisfies(
                        r -> {
                            assertThat(new String(r.value(), UTF_8)).isEqualTo("{not json");
                            assertThat(KafkaUser.header(r, "pix2pix_message"))
                                    .contains("No valid JSON");
                        });
        assertThat(user.deadLetters("half")).hasSize(1);
    }

    private static String job(String id, String more) {
        return """
        {"jobId": "%s", "model": {"uri": "%s"}, "input": {"uri": "%s"}, "output": {"uri": "%s"},
         "size": {"width": 64, "height": 64}, %s}
        """
                .formatted(
                        id,
                        base.resolve("generator.pt"),
                        base.resolve(id + "/in/"),
                        base.resolve(id + "/out/"),
                        more);
    }

    private static void put(S3Uri uri, byte[] bytes) {
        assertThat(store.create(uri, bytes, "application/octet-stream", Map.of()))
                .isEqualTo(ObjectStore.Written.CREATED);
    }

    private static int largestDifference(Pixels a, Pixels b) {
        assertThat(a.toString()).isEqualTo(b.toString());
        int largest = 0;
        for (int i = 0; i < a.bytes().length; i++) {
            largest = Math.max(largest, Math.abs((a.bytes()[i] & 255) - (b.bytes()[i] & 255)));
        }
        return largest;
    }
}
