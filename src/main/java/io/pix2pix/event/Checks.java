package io.pix2pix.event;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the records check of themselves. */
final class Checks {
    private static final Pattern JOB_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private Checks() {}

    static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    static void jobId(@Nullable String jobId) {
        require(
                jobId != null && isJobId(jobId),
                "jobId must be 1 to 128 letters, digits, dots, underscores or dashes, found '"
                        + jobId
                        + "'");
    }

    static boolean isJobId(String text) {
        return JOB_ID.matcher(text).matches();
    }

    static <T> T orElse(@Nullable T value, T other) {
        return value == null ? other : value;
    }
}
