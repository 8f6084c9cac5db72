package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Workers that die or leave in the middle of a job, on a device that only takes its time. */
@Timeout(300)
class WorkerDeathIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
    private static final int IMAGES = 200;

    private final String prefix = STACK.name("death") + ".";
    private final S3Uri base = STACK.prefix();
    private final ObjectStore store = STACK.store();
    private final KafkaUser user = new KafkaUser(STACK.bootstrapServers(), prefix);
    private WorkerProcess first;
    private WorkerProcess second;

    @BeforeEach
    void startTwo(@TempDir Path folder) throws IOException {
        Path model = folder.resolve("g.pt");
        Models.small(model, 3, 1);
        store.upload(model, base.resolve("g.pt"), "application/octet-stream", Map.of());
        for (int i = 0; i < IMAGES; i++) {
            put(base.resolve("in/%03d.png".formatted(i)), Pictures.png(16, 16, i));
        }
        first = start("first");
        second = start("second");
        first.ready();
        second.ready();
        user.write("translation-jobs", "job", job());
    }

    @AfterEach
    void stop() throws IOException {
        first.close();
        second.close();
        user.close();
    }

    @Test
    void aKilledWorkersTasksAreDoneByAnotherAndEveryImageHasOneResult() {
        String victim = awaitResultOfSomeWorker();
        (victim.startsWith("first") ? first : second).kill();
        assertEveryImageOnce(user.awaitEnd("job"));
        assertThat(user.results("job").stream().map(r -> r.worker().replaceAll("/.*", "")))
                .contains(victim.startsWith("first") ? "second" : "first");
    }

    @Test
    void aWorkerAskedToStopHandsBackWhatItHasAndLeavesWithNoError() throws Exception {
        String leaver = awaitResultOfSomeWorker();
        int exit = (leaver.startsWith("first") ? first : second).terminate(Duration.ofSeconds(30));
        assertThat(exit).isZero();
        JobStatus end = user.awaitEnd("job");
        assertEveryImageOnce(end);
        assertThat(end.attemptsFailed()).isZero();
    }

    @Test
    void aPausedJobStandsStillUntilItIsResumedAndLosesNothing() {
        awaitResultOfSomeWorker();
        user.write("job-commands", "job", "{\"jobId\": \"job\", \"action\": \"pause\"}");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> user.status("job"), s -> s.state() == State.PAUSED && idle(s));
        user.write("job-commands", "job", "{\"jobId\": \"job\", \"action\": \"resume\"}");
        JobStatus end = user.awaitEnd("job");
        assertEveryImageOnce(end);
        assertThat(end.attemptsFailed()).isZero();
    }

    private static boolean idle(JobStatus status) {
        return status.tasksRunning() == 0;
    }

    private String awaitResultOfSomeWorker() {
        return await().atMost(Duration.ofSeconds(60))
                .until(() -> user.results("job"), results -> !results.isEmpty())
                .get(0)
                .worker();
    }

    private void assertEveryImageOnce(JobStatus end) {
        assertThat(end.state()).isEqualTo(State.SUCCEEDED);
        List<TranslationResult> results = user.results("job");
        Set<String> inputs = new HashSet<>();
        results.forEach(r -> inputs.add(r.input()));
        assertThat(results).hasSize(IMAGES);
        assertThat(inputs).hasSize(IMAGES);
        assertThat(store.list(base.resolve("out/"), null))
                .filteredOn(o -> !o.uri().key().contains("_pix2pix"))
                .hasSize(IMAGES);
    }

    private WorkerProcess start(String name) {
        return WorkerProcess.start(
                STACK,
                Map.of(
                        "pix2pix.kafka.prefix", prefix,
                        "pix2pix.name", name,
                        "pix2pix.device", "stand-in",
                        "pix2pix.stand-in.per-image", "100ms",
                        "pix2pix.kafka.lock", "15s",
                        "pix2pix.tracking.directory",
                                System.getProperty("java.io.tmpdir") + "/" + prefix + name,
                        "pix2pix.task.drain", "1s"));
    }

    private String job() {
        return """
        {"jobId": "job", "model": {"uri": "%s"}, "input": {"uri": "%s"}, "output": {"uri": "%s"},
         "size": {"width": 16, "height": 16}, "shardSize": 10}
        """
                .formatted(base.resolve("g.pt"), base.resolve("in/"), base.resolve("out/"));
    }

    private void put(S3Uri uri, byte[] bytes) {
        assertThat(store.create(uri, bytes, "image/png", Map.of()))
                .isEqualTo(ObjectStore.Written.CREATED);
    }
}
