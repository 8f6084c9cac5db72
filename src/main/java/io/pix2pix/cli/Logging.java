package io.pix2pix.cli;

import io.quarkus.bootstrap.logging.InitialConfigurator;
import java.util.List;
import java.util.logging.Handler;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;

/**
 * The log of the commands that are no Quarkus application: warnings, to standard error.
 *
 * <p>Without it Quarkus' log manager takes every record of every level and keeps it for an
 * application that never comes, the bytes of each HTTP request among them.
 */
final class Logging {
    private static final List<String> OF_NO_INTEREST =
            List.of(
                    "org.apache.kafka.clients.consumer.ConsumerConfig",
                    "org.apache.kafka.clients.producer.ProducerConfig",
                    "org.apache.kafka.clients.admin.AdminClientConfig",
                    "org.apache.kafka.streams.StreamsConfig",
                    "org.apache.kafka.streams.processor.assignment",
                    "org.apache.kafka.streams.processor.internals.assignment");

    private Logging() {}

    /** Sets it up; a Quarkus application that starts later replaces it by its own. */
    static void warningsToStandardError() {
        ConsoleHandler handler =
                new ConsoleHandler(
                        ConsoleHandler.Target.SYSTEM_ERR,
                        new PatternFormatter("pix2pix: %p [%c{1}] %s%e%n"));
        handler.setLevel(Level.ALL);
        LogContext context = LogContext.getLogContext();
        context.getLogger("").setLevel(Level.WARN);
        for (String name : OF_NO_INTEREST) {
            // They warn of settings meant for another client and of a tracker that is alone.
            context.getLogger(name).setLevel(Level.ERROR);
        }
        InitialConfigurator.DELAYED_HANDLER.setHandlers(new Handler[] {handler});
    }

    /** Says nothing more: while everything is being stopped, that something is gone is no news. */
    static void off() {
        LogContext.getLogContext().getLogger("").setLevel(Level.OFF);
        InitialConfigurator.DELAYED_HANDLER.setHandlers(new Handler[0]);
    }
}
