package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.retries.api.BackoffStrategy;

/**
 * Sends each request until it is answered, or its tries or its time are used up: with exponential
 * backoff and full jitter in between, and with new credentials when the old ones have expired.
 *
 * <p>The SDK's own retries are off. They know no budget, sign every try with the credentials of the
 * first, and share a quota that an outage uses up for all requests after it. Safe for use by many
 * threads; each waits for its own request.
 */
final class Requests {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration FIRST_PAUSE_THROTTLED = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);

    /** A slower connection than this, in bytes a second, is as good as none. */
    private static final long SLOWEST = 1 << 20;

    private final BackoffStrategy backoff =
            BackoffStrategy.exponentialDelay(FIRST_PAUSE, LONGEST_PAUSE);
    private final BackoffStrategy backoffThrottled =
            BackoffStrategy.exponentialDelay(FIRST_PAUSE_THROTTLED, LONGEST_PAUSE);
    private final S3Failures failures;
    private final Credentials credentials;
    private final Duration budget;
    private final Duration writeTimeout;
    private final int maxAttempts;

    Requests(StorageConfig config, Credentials credentials) {
        StorageMetrics.expectRequests();
        this.failures = new S3Failures(config);
        this.credentials = credentials;
        this.budget = config.budget();
        this.writeTimeout = config.writeTimeout();
        this.maxAttempts = config.maxAttempts();
    }

    /**
     * @param request sends it once, with the limits that it is given
     * @throws FailureException retriable when all tries failed, naming how many and the last reason
     */
    <T> T send(Errand errand, Function<AwsRequestOverrideConfiguration, T> request) {
        long start = System.nanoTime();
        try {
            T answer = sendUntilDone(errand, request);
            StorageMetrics.answered(errand, start);
            return answer;
        } catch (FailureException e) {
            if (e.failure().code().equals("NOT_FOUND")) {
                StorageMetrics.answered(errand, start);
            } else {
                StorageMetrics.failed(errand, start);
            }
            throw e;
        }
    }

    private <T> T sendUntilDone(
            Errand errand, Function<AwsRequestOverrideConfiguration, T> request) {
        Deadline deadline = new Deadline(budget.plusSeconds(errand.bytes() / SLOWEST));
        Failure before = null;
        boolean renewed = false;
        for (int tries = 1; ; tries++) {
            AwsCredentialsProvider used = credentials.current();
            try {
                return request.apply(limits(errand, deadline));
            } catch (SdkException e) {
                FailureException own = own(e);
                if (own != null) {
                    throw own;
                }
                Failure failure = failures.of(errand, e);
                if (!isWorthRepeating(failure)) {
                    throw new FailureException(failure, e);
                }
                Duration pause = backoff(failure, tries);
                boolean expired = failure.code().equals(S3Failures.CREDENTIALS_EXPIRED);
                if (expired && !renewed) {
                    renewed = true;
                    credentials.renew(used);
                    pause = Duration.ZERO;
                }
                boolean outOfTime = pause.compareTo(deadline.left()) >= 0;
                if (outOfTime || tries >= maxAttempts) {
                    throw new FailureException(
                            S3Failures.gaveUp(
                                    failure, tries, outOfTime ? deadline.budget() : null, before),
                            e);
                }
                before = failure;
                StorageMetrics.retried(failure.code());
                pause(errand, pause);
            }
        }
    }

    private AwsRequestOverrideConfiguration limits(Errand errand, Deadline deadline) {
        // A request for which no time is left is not sent, but the pause before may overrun.
        Duration left = max(deadline.left(), Duration.ofMillis(1));
        boolean writeEndsFirst = errand.writes() && writeTimeout.compareTo(left) < 0;
        return AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(writeEndsFirst ? writeTimeout : left)
                .build();
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /** Whoever has no credentials at all shall not wait for that to be said. */
    private static boolean isWorthRepeating(Failure failure) {
        return failure.retriable()
                && !failure.code().equals(S3Failures.NO_CREDENTIALS)
                && !Thread.currentThread().isInterrupted();
    }

    private Duration backoff(Failure failure, int tries) {
        boolean throttled = failure.code().equals(S3Failures.THROTTLED);
        return (throttled ? backoffThrottled : backoff).computeDelay(tries + 1);
    }

    private static void pause(Errand errand, Duration pause) {
        try {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailureException(S3Failures.interrupted(errand), e);
        }
    }

    /** What our side of a body found; the SDK wraps it. */
    private static @Nullable FailureException own(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof FailureException found) {
                return found;
            }
        }
        return null;
    }

    /** When a request's time is over. */
    static final class Deadline {
        private final Duration budget;
        private final long end;

        Deadline(Duration budget) {
            this.budget = budget;
            this.end = System.nanoTime() + budget.toNanos();
        }

        Duration budget() {
            return budget;
        }

        /** Zero when it is over. */
        Duration left() {
            return Duration.ofNanos(Math.max(end - System.nanoTime(), 0));
        }
    }
}
