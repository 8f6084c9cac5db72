package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;

/** Turns what the SDK throws into failures that name the object, the server and what to do. */
final class S3Failures {
    private final String server;

    S3Failures(StorageConfig config) {
        server =
                config.endpoint()
                        .map(Object::toString)
                        .orElseGet(() -> "Amazon S3 (" + config.region() + ")");
    }

    /**
     * @param action what was tried, as in "Failed to {action} s3://..."
     */
    FailureException of(Stage stage, String action, S3Uri uri, SdkException e) {
        Failure failure =
                e instanceof AwsServiceException answer
                        ? refused(stage, action, uri, answer)
                        : unanswered(stage, action, uri, e);
        return new FailureException(failure, e);
    }

    private Failure refused(Stage stage, String action, S3Uri uri, AwsServiceException e) {
        String code = code(e);
        String what = "Failed to %s %s: ".formatted(action, uri);
        if (code.equals("NoSuchBucket")) {
            return Failure.permanent(
                    stage,
                    "NO_BUCKET",
                    what
                            + "bucket '%s' does not exist at %s; create it or correct the URI"
                                    .formatted(uri.bucket(), server));
        }
        return switch (e.statusCode()) {
            case 404 ->
                    Failure.permanent(
                            stage, "NOT_FOUND", what + "there is no such object at " + server);
            case 401, 403 ->
                    Failure.permanent(stage, "ACCESS_DENIED", what + denied(code, uri) + said(e));
            case 301, 307 ->
                    Failure.permanent(
                            stage,
                            "STORAGE_REFUSED",
                            what
                                    + "the bucket is in another region than pix2pix.storage.region;"
                                    + " correct that"
                                    + said(e));
            case 408, 409, 429, 500, 502, 503, 504 ->
                    Failure.retriable(
                            stage,
                            "STORAGE_UNAVAILABLE",
                            what + server + " is not able to" + said(e));
            default ->
                    Failure.permanent(
                            stage, "STORAGE_REFUSED", what + server + " refused" + said(e));
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
            case "ExpiredToken", "InvalidToken" ->
                    "the session token has expired at " + server + "; renew the credentials";
            default -> server + " denied access; check the credentials and what they may do there";
        };
    }

    /** S3 takes such keys; S3Proxy and others drop the slash and then find another signature. */
    private static String emptySegmentHint(S3Uri uri) {
        boolean emptySegment = uri.key().startsWith("/") || uri.key().contains("//");
        return emptySegment ? ", or take the empty segment ('//') out of the key" : "";
    }

    private Failure unanswered(Stage stage, String action, S3Uri uri, SdkException e) {
        String what = "Failed to %s %s: ".formatted(action, uri);
        if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
            Thread.currentThread().interrupt();
            return Failure.retriable(stage, "STORAGE_UNAVAILABLE", what + "interrupted");
        }
        String reason = Optional.ofNullable(e.getMessage()).orElse(e.toString());
        if (reason.startsWith("Unable to load credentials")) {
            return Failure.permanent(
                    stage,
                    "ACCESS_DENIED",
                    what
                            + "no credentials; set pix2pix.storage.access-key and secret-key, or"
                            + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        }
        return Failure.retriable(
                stage,
                "STORAGE_UNAVAILABLE",
                what
                        + "%s does not answer (%s); is it running and pix2pix.storage.endpoint right?"
                                .formatted(server, reason));
    }

    static String code(AwsServiceException e) {
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
