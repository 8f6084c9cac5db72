package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent.TaskCompleted;
import io.pix2pix.event.TaskEvent.TaskReturned;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.translation.Inverter;
import io.pix2pix.translation.Workplace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When a task over which workers died is given up, on a real broker and a real storage. */
@Timeout(120)
class TranslationHandlerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final int ATTEMPTS = 5;
    private static final int IMAGES = 3;

    private final Quarantine quarantine = new Quarantine();
    private Handling handling;
    private Workplace workplace;
    private TranslationTask task;

    @BeforeEach
    void open() throws Exception {
        handling = new Handling(STACK);
        workplace = new Workplace(STACK.store(), STACK.prefix(), new Inverter(), 4, 12);
        workplace.putImages(IMAGES);
        task = workplace.planned(workplace.job("job"), 0);
    }

    @AfterEach
    void close() throws IOException {
        workplace.close();
        handling.close();
    }

    @Test
    void whoseWorkersDiedWhileItWaitedIsTriedBeforeItIsGivenUp() {
        handle(task, ATTEMPTS);
        assertThat(((TaskReturned) handling.last()).attempt()).isEqualTo(ATTEMPTS - 1);
        assertThat(handling.user.deadLetters("job")).isEmpty();
    }

    /** A hand-back makes a record of its own, whose attempts begin with the last. */
    @Test
    void whatWasHandedBackAtItsLastAttemptIsOwedAnotherStill() throws Exception {
        try (Quarantine.Stay other = quarantine.enter(3, () -> false)) {
            assertThat(other).isNotNull();
            handle(task, ATTEMPTS);
        }
        int attempt = ((TaskReturned) handling.last()).attempt();
        assertThat(attempt).isEqualTo(ATTEMPTS);

        handle(again(attempt), 1);
        assertThat(((TaskReturned) handling.last()).attempt()).isEqualTo(ATTEMPTS - 1);
        assertThat(handling.user.deadLetters("job")).isEmpty();

        handle(again(ATTEMPTS - 1), 1);
        assertThat(((TaskCompleted) handling.last()).results())
                .hasSize(IMAGES)
                .allMatch(result -> result.outcome() == Outcome.SUCCEEDED);
    }

    @Test
    void whatWasTriedFromBothEndsIsGivenUp() {
        workplace.tryCarefully(task, 2);
        handle(task, ATTEMPTS);
        assertThat(((TaskCompleted) handling.last()).results())
                .hasSize(IMAGES)
                .allMatch(result -> result.outcome() == Outcome.FAILED);
        assertThat(handling.user.deadLetters("job")).hasSize(1);
    }

    private TranslationTask again(int attempt) {
        return new TranslationTask(
                task.jobId(), task.shard(), task.images(), attempt, null, task.job());
    }

    /**
     * @param count of deliveries
     */
    private void handle(TranslationTask given, int count) {
        new TranslationHandler(
                        workplace.translator("w"),
                        quarantine,
                        handling.context(new Tasks(ATTEMPTS, 3), Clock.systemUTC()))
                .handle(
                        Deliveries.of(
                                handling.clients.name(Topic.TRANSLATION_TASKS),
                                "job",
                                new String(Json.write(given), StandardCharsets.UTF_8),
                                1,
                                count));
    }
}
