package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingEvent.CheckpointPublished;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingEvent.TrainingCompleted;
import io.pix2pix.image.Decoder;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trainings from a topic to checkpoints in S3, by a real worker. */
@Timeout(300)
class TrainingIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static S3Uri base;
    private static ObjectStore store;
    private static WorkerProcess worker;
    private static KafkaUser user;

    @BeforeAll
    static void start() {
        String prefix = STACK.name("training") + ".";
        base = STACK.prefix();
        store = STACK.store();
        for (int i = 0; i < 6; i++) {
            put("pairs/%d.png".formatted(i), Pictures.png(72, 36, i));
        }
        for (int i = 0; i < 2; i++) {
            put("held-out/%d.png".formatted(i), Pictures.png(72, 36, 100 + i));
        }
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
    void aTrainingTellsItsEpochsKeepsItsCheckpointsAndItsGeneratorTranslates() {
        submit(
                "whole",
                """
                "training": {"epochs": 3, "decayEpochs": 2, "loadSize": 36, "cropSize": 32},
                "checkpoint": {"everyEpochs": 1, "keep": 2},
                "validation": {"uri": "%s", "everyEpochs": 2, "samples": 2}
                """
                        .formatted(base.resolve("held-out/")));
        JobStatus end = user.awaitEnd("whole");
        assertThat(end.state()).describedAs(end.message()).isEqualTo(State.SUCCEEDED);
        assertThat(end.training().epoch()).isEqualTo(5);
        assertThat(end.training().step()).isEqualTo(30);

        List<TaskEvent> events = events("whole");
        List<EpochCompleted> epochs = of(events, EpochCompleted.class);
        assertThat(epochs).extracting(EpochCompleted::epoch).containsExactly(1, 2, 3, 4, 5);
        assertThat(epochs)
                .extracting(EpochCompleted::learningRate)
                .containsExactly(2e-4, 2e-4, 2e-4, 2e-4, 2e-4 * (1 - 1 / 3.0));
        assertThat(epochs)
                .extracting(e -> e.validation() != null)
                .containsExactly(false, true, false, true, true);
        S3Uri sheet = S3Uri.parse(epochs.get(4).validation().samples());
        assertThat(new Decoder().decode(store.read(sheet, 1 << 20).bytes(), 3).width())
                .isGreaterThan(3 * 32);
        assertThat(of(events, CheckpointPublished.class))
                .extracting(CheckpointPublished::step)
                .containsExactly(6L, 12L, 18L, 24L, 30L);
        TrainingCompleted done = of(events, TrainingCompleted.class).get(0);
        assertThat(done.generator()).isEqualTo(base.resolve("whole/generator.pt").toString());
        assertThat(done.checkpoint())
                .isEqualTo(base.resolve("whole/checkpoints/e0005-s00000030/").toString());
        assertThat(checkpoints("whole")).hasSizeBetween(2, 3).contains(done.bestCheckpoint());

        user.write(
                "translation-jobs",
                "with-it",
                """
                {"jobId": "with-it", "model": {"uri": "%s"},
                 "input": {"uri": "%s", "side": "left"}, "output": {"uri": "%s"},
                 "size": {"width": 32, "height": 32}}
                """
                        .formatted(
                                done.generator(),
                                base.resolve("held-out/"),
                                base.resolve("made/")));
        assertThat(user.awaitEnd("with-it").images().succeeded()).isEqualTo(2);
    }

    @Test
    void aTrainingGoesOnFromAnothersCheckpointAndBeginsFromItsWeights() {
        String training =
                "\"training\": {\"epochs\": %d, \"decayEpochs\": 0, \"loadSize\": 32, \"cropSize\": 32}";
        submit("first", training.formatted(2));
        String checkpoint = user.awaitEnd("first").training().checkpoint();
        submit("second", training.formatted(3) + ", \"resumeFrom\": \"%s\"".formatted(checkpoint));
        submit("third", training.formatted(1) + ", \"initFrom\": \"%s\"".formatted(checkpoint));
        assertThat(user.awaitEnd("second").state()).isEqualTo(State.SUCCEEDED);
        assertThat(of(events("second"), EpochCompleted.class))
                .extracting(EpochCompleted::epoch)
                .containsExactly(3);
        assertThat(user.awaitEnd("third").training().step()).isEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "rate | 'training': {'learningRate': 0} | learningRate",
                "crop | 'training': {'loadSize': 32, 'cropSize': 64} | cropSize 64 is larger than loadSize 32",
                "multiple | 'training': {'cropSize': 250} | multiple of 32",
                "batch | 'training': {'batchSize': 7, 'loadSize': 36, 'cropSize': 32} | 7",
                "network | 'training': {'cropSize': 32}, 'initFrom': 's3://pix2pix/no.pth' | no.pth",
                "words | 'training': {'cropSize': 32, 'loss': 'hinge'} | $.training.loss"
            })
    void aJobThatCannotBeDoneFailsBeforeAnyStep(String jobId, String fields, String expected) {
        submit(jobId, fields.replace('\'', '"'));
        JobStatus end = user.awaitEnd(jobId);
        assertThat(end.state()).isEqualTo(State.FAILED);
        assertThat(end.message()).contains(expected);
        assertThat(end.training().step()).isZero();
    }

    @Test
    void theFilesOfADatasetThatDoNotFitAreNamed() {
        put("odd-pairs/good.png", Pictures.png(72, 36, 1));
        put("odd-pairs/odd.png", Pictures.png(71, 36, 1));
        put("odd-pairs/empty.png", new byte[0]);
        user.write(
                "training-jobs",
                "odd",
                job("odd", "odd-pairs/", "\"training\": {\"cropSize\": 32}"));
        JobStatus end = user.awaitEnd("odd");
        assertThat(end.state()).isEqualTo(State.FAILED);
        assertThat(end.message()).contains("odd.png").contains("empty.png").doesNotContain("good");
    }

    @Test
    void aTrainingThatRunsAwayFailsWithItsLastGoodCheckpoint() {
        submit(
                "away",
                """
                "training": {"epochs": 40, "loadSize": 32, "cropSize": 32, "learningRate": 1e36},
                "checkpoint": {"everyEpochs": 1}
                """);
        JobStatus end = user.awaitEnd("away");
        assertThat(end.state()).isEqualTo(State.FAILED);
        assertThat(end.failure().code()).isEqualTo("NOT_FINITE");
        assertThat(end.message()).containsPattern("[Ss]tep \\d+").contains("checkpoint");
    }

    private static void submit(String jobId, String fields) {
        user.write("training-jobs", jobId, job(jobId, "pairs/", fields));
    }

    private static String job(String jobId, String dataset, String fields) {
        return """
                {"jobId": "%s", "dataset": {"uri": "%s"}, "output": {"uri": "%s"},
                 "generator": {"network": "unet_32", "filters": 4},
                 "discriminator": {"filters": 4, "layers": 2}, %s}
                """
                .formatted(jobId, base.resolve(dataset), base.resolve(jobId + "/"), fields);
    }

    private static List<TaskEvent> events(String jobId) {
        return user.read("training-events").stream()
                .filter(r -> r.key().equals(jobId))
                .map(r -> Json.read(r.value(), TaskEvent.class))
                .toList();
    }

    private static <T> List<T> of(List<TaskEvent> events, Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static List<String> checkpoints(String jobId) {
        return store.list(base.resolve(jobId + "/checkpoints/"), null)
                .map(o -> o.uri().toString())
                .filter(u -> u.endsWith("/checkpoint.json"))
                .map(u -> u.substring(0, u.lastIndexOf('/') + 1))
                .toList();
    }

    private static void put(String key, byte[] bytes) {
        store.create(base.resolve(key), bytes, "application/octet-stream", Map.of());
    }
}
