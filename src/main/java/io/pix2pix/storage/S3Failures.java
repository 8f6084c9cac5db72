package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Turns what the SDK throws into failures that name the object, the server and what to do. What is
 * retriable here is what {@link Requests} tries again.
 */
final class S3Failures {
    static final String UNAVAILABLE = "STORAGE_UNAVAILABLE";
    static final String THROTTLED = "THROTTLED";
    static final String CHECKSUM_MISMATCH = "CHECKSUM_MISMATCH";
    static final String CREDENTIALS_EXPIRED = "CREDENTIALS_EXPIRED";
    static final String NO_CREDENTIALS = "NO_CREDENTIALS";

    private static final Set<String> EXPIRED =
            Set.of(
                    "ExpiredToken",
                    "ExpiredTokenException",
                    "InvalidToken",
                    "InvalidTokenId",
                    "TokenRefreshRequired");
    private static final Set<String> SKEWED =
            Set.of("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture");

    /** The body that arrived is not the one that was sent. */
    private static final Set<String> DAMAGED =
            Set.of("BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch");

    /** About this try, not about the request, with whatever status: 400, or 200 sent too early. */
    private static final Set<String> PASSING =
            Set.of("RequestTimeout", "IncompleteBody", "InternalError", "ServiceUnavailable");

    private final String server;

    S3Failures(StorageConfig config) {
        server =
                config.endpoint()
                        .map(Object::toString)
                        .orElseGet(() -> "Amazon S3 (" + config.region() + ")");
    }

    /** What one try came to. */
    Failure of(Errand errand, SdkException e) {
        return e instanceof AwsServiceException answer
                ? refused(errand, answer)
                : unanswered(errand, e);
    }

    /**
     * The same failure, as the end of all tries.
     *
     * @param budget that is used up; null when the tries are
     * @param before why the try before the last failed; null when there was none
     */
    static Failure gaveUp(
            Failure last, int tries, @Nullable Duration budget, @Nullable Failure before) {
        StringBuilder message = new StringBuilder(last.message());
        message.append(" [gave up after ").append(tries).append(tries == 1 ? " try" : " tries");
        if (budget != null) {
            message.append(", the %s s of pix2pix.storage.budget".formatted(seconds(budget)))
                    .append(" being over");
        }
        if (before != null && !before.message().equals(last.message())) {
            message.append("; before that: ").append(before.message());
        }
        return new Failure(
                last.stage(), last.code(), message.append(']').toString(), last.retriable());
    }

    private static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString();
    }

    static Failure interrupted(Errand errand) {
        return Failure.retriable(errand.stage(), UNAVAILABLE, errand + "interrupted");
    }

    private Failure refused(Errand errand, AwsServiceException e) {
        String code = code(e);
        if (code.equals("NoSuchBucket")) {
            return permanent(
                    errand,
                    "NO_BUCKET",
                    "bucket '%s' does not exist at %s; create it or correct the URI"
                            .formatted(errand.uri().bucket(), server));
        } else if (EXPIRED.contains(code)) {
            return retriable(
                    errand,
                    CREDENTIALS_EXPIRED,
                    "the session's credentials have expired at %s and there are no newer ones; renew them"
                                    .formatted(server)
                            + said(e));
        } else if (SKEWED.contains(code)) {
            return retriable(
                    errand,
                    "CLOCK_SKEWED",
                    "the clocks of this machine and of " + server + " differ; set them" + said(e));
        } else if (DAMAGED.contains(code)) {
            return retriable(
                    errand,
                    CHECKSUM_MISMATCH,
                    "what arrived at %s is not what was sent".formatted(server) + said(e));
        } else if (e.isThrottlingException() || e.statusCode() == 429) {
            return retriable(errand, THROTTLED, server + " takes no more for now" + said(e));
        }
        return byStatus(errand, e, code);
    }

    private Failure byStatus(Errand errand, AwsServiceException e, String code) {
        return switch (e.statusCode()) {
            case 404 -> permanent(errand, "NOT_FOUND", "there is no such object at " + server);
            case 401, 403 ->
                    permanent(errand, "ACCESS_DENIED", denied(code, errand.uri()) + said(e));
            case 301, 307 ->
                    permanent(
                            errand,
                            "STORAGE_REFUSED",
                            "the bucket is in another region than pix2pix.storage.region; correct"
                                    + " that"
                                    + said(e));
            default -> {
                boolean passes =
                        (e.statusCode() >= 500 && e.statusCode() != 501)
                                || e.statusCode() == 408
                                || e.statusCode() == 409
                                || PASSING.contains(code);
                yield passes
                        ? retriable(errand, UNAVAILABLE, server + " is not able to" + said(e))
                        : permanent(errand, "STORAGE_REFUSED", server + " refused" + said(e));
            }
        };
    }

    private String denied(String code, S3Uri uri) {
        return switch (code) {
            case "InvalidAccessKeyId" ->
                    server + " does not know the access key; check pix2pix.storage.access-key";
            case "SignatureDoesNotMatch" ->
                    "the secret key is not the one that belongs to the access key at "
                            + server
                            + "; check pix2pix.storage.secret-key"
                            + emptySegmentHint(uri);
            default -> server + " denied access; check the credentials and what they may do there";
        };
    }

    /** S3 takes such keys; S3Proxy and others drop the slash and then find another signature. */
    private static String emptySegmentHint(S3Uri uri) {
        boolean emptySegment = uri.key().startsWith("/") || uri.key().contains("//");
        return emptySegment ? ", or take the empty segment ('//') out of the key" : "";
    }

    private Failure unanswered(Errand errand, SdkException e) {
        if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
            Thread.currentThread().interrupt();
            return interrupted(errand);
        }
        String reason = Optional.ofNullable(e.getMessage()).orElse(e.toString());
        if (reason.startsWith("Unable to load credentials")) {
            // Not for ever: what gives them may be down, as a container's or an instance's service.
            return retriable(
                    errand,
                    NO_CREDENTIALS,
                    "no credentials; set pix2pix.storage.access-key and secret-key, or"
                            + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or see why what should"
                            + " give them does not: "
                            + reason);
        } else if (e.getCause() instanceof ChecksumMismatchException damage) {
            return retriable(
                    errand,
                    CHECKSUM_MISMATCH,
                    "what came from %s is not what it should be: %s"
                            .formatted(server, damage.getMessage()));
        } else if (e instanceof ApiCallTimeoutException) {
            return retriable(
                    errand,
                    UNAVAILABLE,
                    "%s did not finish in time (%s)".formatted(server, reason));
        }
        return retriable(
                errand,
                UNAVAILABLE,
                "%s does not answer (%s); is it running and pix2pix.storage.endpoint right?"
                        .formatted(server, reason));
    }

    private static Failure permanent(Errand errand, String code, String message) {
        return Failure.permanent(errand.stage(), code, errand + message);
    }

    private static Failure retriable(Errand errand, String code, String message) {
        return Failure.retriable(errand.stage(), code, errand + message);
    }

    private static String code(AwsServiceException e) {
        return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? ""
                : e.awsErrorDetails().errorCode();
    }

    private static String said(AwsServiceException e) {
        String message = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
        return " (%d %s%s)"
                .formatted(e.statusCode(), code(e), message == null ? "" : ": " + message);
    }
}
