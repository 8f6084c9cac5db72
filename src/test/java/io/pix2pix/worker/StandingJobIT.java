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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A prefix is followed by a real worker that is killed on the way. */
@Timeout(180)
class StandingJobIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
    private static final int IMAGES = 40;

    private final String prefix = STACK.name("standing") + ".";
    private final S3Uri base = STACK.prefix();
    private final ObjectStore store = STACK.store();

    @Test
    void whatIsWrittenBelowAPrefixIsTranslatedOnceHoweverOftenItIsToldOf(@TempDir Path folder)
            throws IOException {
        Path model = folder.resolve("g.pt");
        Models.small(model, 3, 1);
        store.upload(model, base.resolve("g.pt"), "application/octet-stream", Map.of());
        try (KafkaUser user = new KafkaUser(STACK.bootstrapServers(), prefix)) {
            WorkerProcess worker = start();
            try {
                worker.ready();
                user.write("translation-jobs", "job", job());
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> isIn(user.status("job"), State.RUNNING));
                List<String> notifications = new ArrayList<>();
                for (int i = 0; i < IMAGES; i++) {
                    String notification = put("in/%03d.png".formatted(i), i);
                    notifications.add(notification);
                    notifications.add(notification);
                }
                notifications.add(put("elsewhere/1.png", 1));
                notifications.add(put("in/notes.txt", 1));
                Collections.shuffle(notifications, new Random(7));

                user.write("s3-events", null, "{\"no\": \"event\"}");
                int half = notifications.size() / 2;
                for (String each : notifications.subList(0, half)) {
                    user.write("s3-events", null, each);
                }
                await().atMost(Duration.ofSeconds(60)).until(() -> !user.results("job").isEmpty());
                worker.kill();
                worker = start();
                for (String each : notifications.subList(half, notifications.size())) {
                    user.write("s3-events", null, each);
                }
                await().atMost(Duration.ofSeconds(90))
                        .until(() -> user.status("job").images().done() == IMAGES);
                // Whatever is told once more now comes behind all that was told before.
                user.write("s3-events", null, notifications.get(0));
                user.write("s3-events", null, put("in/last.png", 99));
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> user.status("job").images().done() > IMAGES);
                assertThat(user.results("job"))
                        .hasSize(IMAGES + 1)
                        .allMatch(r -> r.outcome() == TranslationResult.Outcome.SUCCEEDED)
                        .extracting(TranslationResult::input)
                        .doesNotHaveDuplicates();
                assertThat(user.read("dead-letters")).hasSize(1);

                user.write("s3-events", null, replace("in/last.png", 100));
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> user.status("job").images().done() == IMAGES + 2);
                List<TranslationResult> results = user.results("job");
                TranslationResult replaced = results.get(results.size() - 1);
                assertThat(replaced.inputEtag()).isEqualTo(etag(base.resolve("in/last.png")));
                assertThat(store.head(S3Uri.parse(replaced.output())).orElseThrow().metadata())
                        .containsEntry("pix2pix-input-etag", replaced.inputEtag());

                user.write("job-commands", "job", "{\"jobId\": \"job\", \"action\": \"cancel\"}");
                JobStatus end = user.awaitEnd("job");
                assertThat(end.state()).isEqualTo(State.CANCELLED);
                assertThat(end.images().total()).isEqualTo(IMAGES + 2);
                assertThat(store.head(S3Uri.parse(end.report()))).isPresent();
                assertThat(store.list(base.resolve("out/"), null))
                        .filteredOn(object -> object.uri().key().endsWith(".png"))
                        .hasSize(IMAGES + 1);
            } finally {
                worker.close();
            }
        }
    }

    private static boolean isIn(JobStatus status, State state) {
        return status != null && status.state() == state;
    }

    private WorkerProcess start() {
        return WorkerProcess.start(
                STACK, Map.of("pix2pix.kafka.prefix", prefix, "quarkus.http.port", "0"));
    }

    /** Writes an object; what S3 says of it. */
    private String put(String key, int seed) {
        S3Uri uri = base.resolve(key);
        store.create(uri, Pictures.png(16, 16, seed), "image/png", Map.of());
        return notification(uri, seed);
    }

    private String replace(String key, int seed) {
        S3Uri uri = base.resolve(key);
        store.replace(uri, Pictures.png(16, 16, seed), "image/png", Map.of(), etag(uri));
        return notification(uri, seed);
    }

    private String etag(S3Uri uri) {
        return store.head(uri).orElseThrow().etag();
    }

    private String notification(S3Uri uri, int seed) {
        return """
        {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "%s"},
         "object": {"key": "%s", "eTag": "%s", "size": 100, "sequencer": "00%02X"}}}]}
        """
                .formatted(uri.bucket(), uri.key().replace("/", "%2F"), etag(uri), seed);
    }

    private String job() {
        return """
        {"jobId": "job", "model": {"uri": "%s"}, "input": {"uri": "%s", "follow": true},
         "output": {"uri": "%s", "ifExists": "overwrite"},
         "size": {"mode": "resize", "width": 32, "height": 32}, "shardSize": 8}
        """
                .formatted(base.resolve("g.pt"), base.resolve("in/"), base.resolve("out/"));
    }
}
