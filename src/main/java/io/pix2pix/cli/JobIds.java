package io.pix2pix.cli;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** Names for jobs that nobody named. */
final class JobIds {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private JobIds() {}

    /** The time in UTC and a random tail, such as {@code 20260131-235959-7f3a}. */
    static String fromTime() {
        return "%s-%04x"
                .formatted(
                        TIME.format(Instant.now()), ThreadLocalRandom.current().nextInt(1 << 16));
    }
}
