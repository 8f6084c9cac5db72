package io.pix2pix.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.testing.Fuzz;
import io.pix2pix.testing.JsonMutations;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Damaged records: each is read, and then can be written again, or is refused with a reason. */
class RecordFuzzTest {
    /** A reason stands in a dead letter's header and in the job's status. */
    private static final int MAX_REASON = 4000;

    private static Fuzz fuzz(String name) {
        return Fuzz.of(
                        name,
                        e ->
                                e instanceof IllegalArgumentException
                                        && !e.getMessage().isBlank()
                                        && e.getMessage().length() <= MAX_REASON,
                        e -> "refused")
                .allocating(64, 4 << 20);
    }

    private static List<byte[]> texts(String... jsons) {
        return List.of(jsons).stream().map(j -> j.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static <T> void users(String name, Schema schema, Class<T> type, String... jsons)
            throws InterruptedException {
        List<byte[]> seeds = texts(jsons);
        for (byte[] seed : seeds) {
            schema.read(seed, type);
        }
        JsonMutations mutations = new JsonMutations(seeds);
        Fuzz fuzz = fuzz(name);
        fuzz.expecting("ok", "refused");
        fuzz.run(
                mutations::next,
                input -> {
                    T read = schema.read(input, type);
                    // What is taken is told to the tracker and comes back in tasks.
                    assertThat(Json.read(Json.write(read), type)).isEqualTo(read);
                });
    }

    @Test
    void translationJobs() throws InterruptedException {
        users(
                "translation jobs",
                Schema.TRANSLATION_JOB,
                TranslationJob.class,
                """
                {"jobId": "a", "model": {"uri": "s3://m/g.pt", "normalization": "running"},
                 "input": {"uri": "s3://p/t/", "include": ["**/*.jpg"], "exclude": ["x"], "side": "left", "manifest": false},
                 "output": {"uri": "s3://r/a/", "format": "jpeg", "quality": 90, "ifExists": "fail"},
                 "size": {"mode": "pad", "width": 64, "height": 64}, "shardSize": 100}
                """,
                """
                {"jobId": "maps-001", "model": {"uri": "s3://models/g.pt"},
                 "input": {"uri": "s3://photos/tiles/"}, "output": {"uri": "s3://results/maps-001/"}}
                """);
    }

    @Test
    void trainingJobs() throws InterruptedException {
        users(
                "training jobs",
                Schema.TRAINING_JOB,
                TrainingJob.class,
                """
                {"jobId": "maps-train-001",
                 "dataset": {"uri": "s3://photos/maps/train/", "layout": "side-by-side", "direction": "AtoB"},
                 "output": {"uri": "s3://models/maps/"},
                 "generator": {"network": "unet_256", "filters": 64, "inputChannels": 3, "outputChannels": 3, "norm": "batch", "dropout": true},
                 "discriminator": {"network": "basic", "filters": 64, "layers": 3},
                 "training": {"epochs": 100, "decayEpochs": 100, "batchSize": 1, "learningRate": 2e-4, "beta1": 0.5, "lambdaL1": 100,
                              "loss": "vanilla", "loadSize": 286, "cropSize": 256, "flip": true, "seed": 42, "precision": "float32"},
                 "checkpoint": {"everyEpochs": 5, "keep": 3},
                 "validation": {"uri": "s3://photos/maps/val/", "everyEpochs": 5, "samples": 4, "earlyStopping": {"metric": "l1", "patience": 5}},
                 "initFrom": "s3://m/latest_net_G.pth"}
                """,
                """
                {"jobId": "t", "dataset": {"uri": "s3://photos/maps/"}, "output": {"uri": "s3://models/maps/"}}
                """);
    }

    @Test
    void commands() throws InterruptedException {
        users(
                "commands",
                Schema.JOB_COMMAND,
                JobCommand.class,
                "{\"jobId\": \"a\", \"action\": \"cancel\"}",
                "{\"jobId\": \"b.c-d_e\", \"action\": \"pause\", \"note\": [1, {\"x\": null}]}");
    }

    /**
     * Everything else that is read from topics and from storage: no enemy writes it, but disks
     * fail.
     */
    @Test
    void recordsOfOurOwn() throws InterruptedException {
        List<JsonTest.Example> examples = JsonTest.examples().toList();
        List<byte[]> seeds = examples.stream().map(e -> Json.write(e.record())).toList();
        List<? extends Class<?>> types =
                List.of(
                        TaskEvent.class,
                        TranslationTask.class,
                        TrainingTask.class,
                        ReportTask.class,
                        JobStatus.class,
                        TranslationResult.class,
                        ManifestEntry.class);
        JsonMutations mutations = new JsonMutations(seeds);
        Fuzz fuzz = fuzz("records");
        fuzz.expecting("ok", "refused");
        fuzz.run(
                mutations::next,
                input -> {
                    Class<?> type = types.get(input.length % types.size());
                    Json.write(Json.read(input, type));
                });
    }
}
