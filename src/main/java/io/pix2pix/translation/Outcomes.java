package io.pix2pix.translation;

import io.pix2pix.event.TranslationResult;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;

/**
 * What becomes of an image, and of an attempt whose images did not all come through.
 *
 * <p>A permanent failure is the image's result. One that may pass (storage unavailable, a device
 * error) fails the attempt instead, after the other images are done: the next attempt finds those
 * done and has only the rest to do. What still fails at the last attempt becomes a result there.
 */
final class Outcomes {
    private static final Logger LOG = System.getLogger(Outcomes.class.getName());

    private Outcomes() {}

    /**
     * Turns an image's failure into its result.
     *
     * @throws FailureException a failure that may pass
     * @throws TaskStoppedException as it came
     */
    static TranslationResult resultOf(Throwable thrown, InputImage image, Attempt attempt) {
        Throwable cause = cause(thrown);
        if (cause instanceof TaskStoppedException stopped) {
            throw stopped;
        } else if (cause instanceof RejectedExecutionException) {
            throw new TaskStoppedException(attempt + ", since the worker ends", 0);
        }
        Failure failure = failure(cause, image, attempt);
        if (failure.retriable()) {
            throw new FailureException(failure, cause);
        }
        return attempt.failed(image.index(), image.entry(), image.etag(), failure);
    }

    private static Failure failure(Throwable cause, InputImage image, Attempt attempt) {
        String uri = image.entry().uri();
        if (cause instanceof FailureException e) {
            Failure f = e.failure();
            String message = f.message().contains(uri) ? f.message() : uri + ": " + f.message();
            return new Failure(f.stage(), f.code(), message, f.retriable());
        } else if (cause instanceof OutOfMemoryError) {
            return Failure.retriable(
                    Stage.TASK, "OUT_OF_MEMORY", uri + ": the worker has no memory left: " + cause);
        }
        LOG.log(Level.ERROR, "An error of ours at " + uri + " in " + attempt, cause);
        return Failure.permanent(
                Stage.TASK, "INTERNAL", uri + ": an error of the translator itself: " + cause);
    }

    /**
     * Waits for all images that were begun, whatever happens: none may use the model afterwards.
     *
     * @param wanted how many there should be; fewer were begun when the attempt was to end early
     * @throws FailureException stage TASK, retriable: some image failed in a way that may pass
     */
    static List<TranslationResult> await(
            List<CompletableFuture<TranslationResult>> images, int wanted, Attempt attempt) {
        List<TranslationResult> results = new ArrayList<>(wanted);
        List<FailureException> passing = new ArrayList<>();
        boolean stopped = false;
        for (CompletableFuture<TranslationResult> image : images) {
            try {
                results.add(image.join());
            } catch (CompletionException e) {
                Throwable cause = cause(e);
                if (cause instanceof FailureException failure) {
                    passing.add(failure);
                } else if (cause instanceof TaskStoppedException) {
                    stopped = true;
                } else {
                    throw e;
                }
            }
        }
        if (!passing.isEmpty() && !stopped) {
            throw notYet(passing, wanted, attempt);
        } else if (results.size() < wanted) {
            throw new TaskStoppedException(attempt.toString(), results.size());
        }
        return results;
    }

    private static FailureException notYet(
            List<FailureException> passing, int wanted, Attempt attempt) {
        FailureException first = passing.get(0);
        Map<String, Long> codes =
                passing.stream()
                        .collect(
                                Collectors.groupingBy(
                                        e -> e.failure().code(),
                                        LinkedHashMap::new,
                                        Collectors.counting()));
        String message =
                "%d of %d images failed for now in %s %s, the first at %s: %s"
                        .formatted(
                                passing.size(),
                                wanted,
                                attempt,
                                codes,
                                first.failure().stage(),
                                first.getMessage());
        return new FailureException(
                Failure.retriable(Stage.TASK, first.failure().code(), message), first);
    }

    static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null
                ? thrown.getCause()
                : thrown;
    }
}
