package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingEvent.TrainingCompleted;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Trainings whose worker dies, leaves, is paused or has to be shared. */
@Timeout(300)
class TrainingDeathIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final int PAIRS = 7;

    /** More for longer runs; the training is as long as that takes. */
    private static final int KILLS = Integer.getInteger("pix2pix.faults.training-kills", 3);

    private static final int EPOCHS = Math.max(20, 4 * KILLS);

    private static String prefix;
    private static S3Uri base;
    private static ObjectStore store;
    private static WorkerProcess coordinator;
    private static KafkaUser user;

    @BeforeAll
    static void start() {
        prefix = STACK.name("deaths") + ".";
        base = STACK.prefix();
        store = STACK.store();
        for (int i = 0; i < PAIRS; i++) {
            store.create(
                    base.resolve("pairs/%d.png".formatted(i)),
                    Pictures.png(144, 72, i),
                    "image/png",
                    Map.of());
        }
        coordinator = worker("coordinator").ready();
        user = new KafkaUser(STACK.bootstrapServers(), prefix);
    }

    @AfterAll
    static void stop() throws IOException {
        user.close();
        coordinator.close();
    }

    @Test
    void aTrainingKilledAgainAndAgainEndsWithTheSameBytes() throws Exception {
        try (WorkerProcess trainer = worker("trainer").ready()) {
            submit("whole");
            assertThat(user.awaitEnd("whole").state()).isEqualTo(State.SUCCEEDED);
            assertThat(trainer.isAlive()).isTrue();
        }
        long seed = 20261123;
        Random random = new Random(seed);
        submit("killed");
        for (int i = 0; i < KILLS; i++) {
            try (WorkerProcess trainer = worker("trainer").ready()) {
                trainer.awaitLog("Training killed on ");
                long newest = newestStep("killed");
                awaitStep("killed", newest + 1 + random.nextInt(PAIRS * EPOCHS / (2 * KILLS + 2)));
                if (i % 2 == 1) {
                    // A training that gets nowhere in five attempts is given up, and rightly so.
                    await().atMost(Duration.ofMinutes(1))
                            .until(() -> newestStep("killed") > newest);
                }
                trainer.kill();
            }
        }
        assertThat(user.status("killed").state()).isEqualTo(State.RUNNING);
        try (WorkerProcess trainer = worker("trainer").ready()) {
            JobStatus end = user.awaitEnd("killed");
            assertThat(end.state()).describedAs(trainer.log()).isEqualTo(State.SUCCEEDED);
        }
        assertThat(finalState("killed"))
                .describedAs("killed %d times, seed %d", KILLS, seed)
                .isEqualTo(finalState("whole"));
        assertThat(epochs("killed"))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, EPOCHS).boxed().toList());
        assertThat(events("killed").stream().filter(TrainingCompleted.class::isInstance))
                .hasSize(1);
    }

    @Test
    void aWorkerAskedToLeaveHandsBackWhereItIsAndAnotherGoesOnFromThere() throws Exception {
        submit("left");
        String left;
        try (WorkerProcess trainer = worker("trainer").ready()) {
            awaitStep("left", 3);
            assertThat(trainer.terminate(Duration.ofSeconds(25))).isZero();
            left = trainer.log();
        }
        long step = newestStep("left");
        assertThat(left).containsPattern("Handing back left, slice 0, at .*s0*" + step + "/");
        try (WorkerProcess trainer = worker("trainer").ready()) {
            assertThat(user.awaitEnd("left").state()).isEqualTo(State.SUCCEEDED);
            assertThat(trainer.log()).contains("step " + step + "; seed 42");
        }
        assertThat(epochs("left")).hasSize(EPOCHS);
        assertThat(user.status("left").attemptsFailed()).isZero();
    }

    @Test
    void pauseKeepsACheckpointResumeGoesOnAndCancelEndsIt() throws Exception {
        try (WorkerProcess trainer = worker("trainer").ready()) {
            submit("paused");
            awaitStep("paused", 3);
            command("paused", "pause");
            trainer.awaitLog("Handing back paused, slice 0");
            await().until(() -> user.status("paused").tasksRunning() == 0);
            JobStatus paused = user.status("paused");
            assertThat(paused.state()).isEqualTo(State.PAUSED);
            assertThat(paused.training().checkpoint()).isNotNull();
            command("paused", "resume");
            submit("cancelled");
            // A command that overtakes its job is about no job.
            await().until(() -> user.status("cancelled") != null);
            command("cancelled", "cancel");
            assertThat(user.awaitEnd("cancelled").state()).isEqualTo(State.CANCELLED);
            assertThat(user.awaitEnd("paused").state()).isEqualTo(State.SUCCEEDED);
        }
        assertThat(epochs("paused")).hasSize(EPOCHS);
    }

    @Test
    void twoTrainingsTakeTurnsOnOneDevice() throws Exception {
        submit("turn-a", 20);
        submit("turn-b", 20);
        try (WorkerProcess trainer = worker("trainer").ready()) {
            user.awaitEnd("turn-a");
            user.awaitEnd("turn-b");
            assertThat(trainer.log())
                    .contains("Handing back turn-a")
                    .contains("Handing back turn-b");
        }
        assertThat(finalState("turn-a")).isEqualTo(finalState("turn-b"));
    }

    private static WorkerProcess worker(String role) {
        return WorkerProcess.start(
                STACK,
                Map.of(
                        "pix2pix.kafka.prefix",
                        prefix,
                        "pix2pix.roles",
                        role,
                        "pix2pix.training.slice",
                        "500ms"));
    }

    private static void submit(String jobId) {
        submit(jobId, EPOCHS);
    }

    private static void submit(String jobId, int epochs) {
        user.write(
                "training-jobs",
                jobId,
                """
                {"jobId": "%s", "dataset": {"uri": "%s"}, "output": {"uri": "%s"},
                 "generator": {"network": "unet_64", "filters": 8},
                 "discriminator": {"filters": 8, "layers": 2},
                 "training": {"epochs": %d, "decayEpochs": %d, "loadSize": 72, "cropSize": 64},
                 "checkpoint": {"everyEpochs": 1000, "keep": 2}}
                """
                        .formatted(
                                jobId,
                                base.resolve("pairs/"),
                                base.resolve(jobId + "/"),
                                epochs / 2,
                                epochs / 2));
    }

    private static void command(String jobId, String action) {
        user.write(
                "job-commands",
                jobId,
                "{\"jobId\": \"%s\", \"action\": \"%s\"}".formatted(jobId, action));
    }

    private static void awaitStep(String jobId, long step) {
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> newestStep(jobId) >= step || step(jobId) >= step);
    }

    private static long step(String jobId) {
        JobStatus status = user.status(jobId);
        return status == null || status.training() == null ? 0 : status.training().step();
    }

    /** The newest complete checkpoint's. */
    private static long newestStep(String jobId) {
        return checkpoints(jobId).stream()
                .mapToLong(name -> Long.parseLong(name.replaceAll(".*-s(\\d+)/.*", "$1")))
                .max()
                .orElse(0);
    }

    private static byte[] finalState(String jobId) {
        String last = user.status(jobId).training().checkpoint();
        return store.read(S3Uri.parse(last).resolve("training.safetensors"), 1 << 26).bytes();
    }

    private static List<String> checkpoints(String jobId) {
        return store.list(base.resolve(jobId + "/checkpoints/"), null)
                .map(o -> o.uri().toString())
                .filter(uri -> uri.endsWith("/checkpoint.json"))
                .toList();
    }

    private static List<Integer> epochs(String jobId) {
        return events(jobId).stream()
                .filter(EpochCompleted.class::isInstance)
                .map(e -> ((EpochCompleted) e).epoch())
                .toList();
    }

    private static List<TaskEvent> events(String jobId) {
        return user.read("training-events").stream()
                .filter(r -> r.key().equals(jobId))
                .map(r -> Json.read(r.value(), TaskEvent.class))
                .toList();
    }
}
