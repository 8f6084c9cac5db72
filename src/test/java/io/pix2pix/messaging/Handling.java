package io.pix2pix.messaging;

import io.pix2pix.event.TaskEvent;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** What a handler works with on a real broker, under names of its own, and what it told. */
final class Handling implements AutoCloseable {
    final Clients clients;
    final KafkaUser user;
    final Publisher publisher;
    final StatusFollower statuses;

    Handling(LocalStackExtension stack) throws InterruptedException {
        String prefix = stack.name("handler") + ".";
        clients =
                new Clients(
                        new Messaging(stack.bootstrapServers(), prefix, Duration.ofSeconds(15)));
        new Topics(clients).ensure();
        user = new KafkaUser(stack.bootstrapServers(), prefix);
        publisher = new Publisher(clients, Clock.systemUTC(), "test");
        statuses = new StatusFollower(clients).start();
    }

    WorkerContext context(TaskConfig config, Clock clock) {
        return new WorkerContext(statuses, publisher, config, clock, "w");
    }

    TaskEvent last() {
        List<TaskEvent> events = user.taskEvents();
        return events.get(events.size() - 1);
    }

    @Override
    public void close() {
        statuses.close();
        publisher.close();
        user.close();
    }
}
