package io.pix2pix.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.Outcome;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
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
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Commands to jobs that two real workers are at. */
@Timeout(300)
class SteeringIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
    private static final int IMAGES = 200;

    private final String prefix = STACK.name("steering") + ".";
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
            store.create(
                    base.resolve("in/%03d.png".formatted(i)),
                    Pictures.png(16, 16, i),
                    "image/png",
                    Map.of());
        }
        first = start("first");
        second = start("second");
        first.ready();
        second.ready();
    }

    @AfterEach
    void stop() throws IOException {
        first.close();
        second.close();
        user.close();
    }

    @Test
    void aCancelledJobStopsOnEveryWorkerAndItsReportSaysWhatWasNotDone() {
        command("cancel", "overtaken");
        assertThat(awaitStatus("overtaken").state()).isEqualTo(State.UNKNOWN);

        user.write("translation-jobs", "job", job("job"));
        await().atMost(Duration.ofSeconds(60)).until(() -> !user.results("job").isEmpty());
        command("cancel", "job");
        JobStatus end = user.awaitEnd("job");
        assertThat(end.state()).isEqualTo(State.CANCELLED);
        assertThat(end.lastCommand().outcome()).isEqualTo(Outcome.APPLIED);
        assertThat(end.images().done()).isBetween(1L, IMAGES - 1L);
        JsonNode report = Json.read(read(end.report()), JsonNode.class);
        assertThat(report.path("state").asText()).isEqualTo("CANCELLED");
        assertThat(report.path("done").asLong()).isEqualTo(end.images().done());
        assertThat(report.path("notDone").asLong()).isEqualTo(IMAGES - end.images().done());
        assertThat(report.path("shardsNotDone")).hasSize(end.tasks() - end.tasksDone());

        command("cancel", "job");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> user.status("job").lastCommand().outcome() == Outcome.REPEATED);
        command("resume", "job");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> user.status("job").lastCommand().outcome() == Outcome.TOO_LATE);

        // The workers are free, and a job whose cancel came before it does not keep them.
        user.write("translation-jobs", "overtaken", job("overtaken"));
        user.write("translation-jobs", "next", job("next"));
        assertThat(user.awaitEnd("overtaken").state()).isEqualTo(State.CANCELLED);
        assertThat(user.results("overtaken")).isEmpty();
        assertThat(user.awaitEnd("next").state()).isEqualTo(State.SUCCEEDED);
        assertThat(user.results("job")).hasSize((int) end.images().done());
        assertThat(user.status("job").state()).isEqualTo(State.CANCELLED);
        assertThat(lastWord("job")).isBefore(end.lastCommand().at().plus(Duration.ofSeconds(5)));
    }

    /** When a worker last said that it is at a task of the job. */
    private Instant lastWord(String jobId) {
        return user.read("task-events").stream()
                .filter(r -> r.key().equals(jobId))
                .map(r -> Json.read(r.value(), TaskEvent.class))
                .filter(e -> e instanceof TaskEvent.TaskProgress)
                .map(e -> ((TaskEvent.TaskProgress) e).at())
                .max(Instant::compareTo)
                .orElseThrow();
    }

    private JobStatus awaitStatus(String jobId) {
        return await().atMost(Duration.ofSeconds(30))
                .until(() -> user.status(jobId), s -> s != null);
    }

    private void command(String action, String jobId) {
        user.write(
                "job-commands",
                jobId,
                "{\"jobId\": \"%s\", \"action\": \"%s\"}".formatted(jobId, action));
    }

    private byte[] read(String uri) {
        byte[] bytes = store.read(S3Uri.parse(uri), 1 << 20).bytes();
        assertThat(new String(bytes, UTF_8)).startsWith("{");
        return bytes;
    }

    private WorkerProcess start(String name) {
        return WorkerProcess.start(
                STACK,
                Map.of(
                        "pix2pix.kafka.prefix",
                        prefix,
                        "pix2pix.name",
                        name,
                        "pix2pix.device",
                        "stand-in",
                        "pix2pix.stand-in.per-image",
                        "100ms",
                        "pix2pix.tracking.directory",
                        System.getProperty("java.io.tmpdir") + "/" + prefix + name));
    }

    private String job(String id) {
        return """
        {"jobId": "%s", "model": {"uri": "%s"}, "input": {"uri": "%s"}, "output": {"uri": "%s"},
         "size": {"width": 16, "height": 16}, "shardSize": 10}
        """
                .formatted(
                        id, base.resolve("g.pt"), base.resolve("in/"), base.resolve(id + "/out/"));
    }
}
