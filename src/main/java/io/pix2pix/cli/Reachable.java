package io.pix2pix.cli;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.messaging.Clients;

/** A quick look whether there is anybody to talk to, before files are moved. */
final class Reachable {
    private Reachable() {}

    /**
     * Whether Kafka answers.
     *
     * @throws FailureException saying how to start one
     */
    static void require(Clients clients) throws InterruptedException {
        if (!clients.isReachable()) {
            throw new FailureException(
                    Failure.retriable(
                            Stage.SUBMIT,
                            "KAFKA_UNAVAILABLE",
                            "Kafka does not answer at %s. Start a local one with: scripts/pix2pix local start; or name yours with PIX2PIX_KAFKA_BOOTSTRAP_SERVERS"
                                    .formatted(clients.config().bootstrapServers())));
        }
    }
}
