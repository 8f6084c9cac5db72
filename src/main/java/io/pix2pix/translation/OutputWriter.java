package io.pix2pix.translation;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.ObjectStore.Written;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes outputs so that each is written once: with {@code If-None-Match: *}, and a look at the
 * {@link Lineage} of what was there before. Safe for use by many threads.
 */
final class OutputWriter {
    /** Races that are lost in a row before it is called a failure. */
    private static final int TRIES = 5;

    private final ObjectStore store;
    private final TranslationJob job;

    OutputWriter(ObjectStore store, TranslationJob job) {
        this.store = store;
        this.job = job;
    }

    /**
     * An output that is there.
     *
     * @param skipped whether it is another's, left as the job says
     */
    record Output(boolean skipped, String inputEtag, int width, int height, long bytes) {}

    /**
     * The output, when an earlier attempt or another job has made it from the same.
     *
     * @param wanted what it would be made from
     */
    Optional<Output> find(S3Uri uri, Lineage wanted) {
        return store.head(uri).flatMap(object -> Optional.ofNullable(done(object, wanted)));
    }

    /**
     * Writes the output, or finds it done before.
     *
     * @throws io.pix2pix.failure.FailureException OUTPUT_COLLISION: another input of this job has
     *     the same output; OUTPUT_EXISTS: another's object is there and the job says to fail;
     *     STORAGE_UNAVAILABLE; whatever else the storage says
     */
    Output write(S3Uri uri, byte[] file, Lineage lineage, int width, int height) {
        String type = job.output().format().contentType();
        Map<String, String> metadata = lineage.toMetadata(width, height);
        for (int i = 0; i < TRIES; i++) {
            if (store.create(uri, file, type, metadata) == Written.CREATED) {
                return new Output(false, lineage.inputEtag(), width, height, file.length);
            }
            StoredObject there = store.head(uri).orElse(null);
            if (there == null) {
                continue;
            }
            Output before = done(there, lineage);
            if (before != null) {
                return before;
            }
            Lineage.Labelled found = Lineage.read(there.metadata());
            refuseCollision(there, found, lineage);
            switch (job.output().ifExists()) {
                case SKIP -> {
                    return new Output(true, lineage.inputEtag(), 0, 0, there.size());
                }
                case FAIL ->
                        throw Failures.permanent(
                                Stage.STORE,
                                "OUTPUT_EXISTS",
                                "%s is there already, made by %s; the job says ifExists: fail"
                                        .formatted(uri, owner(there)));
                case OVERWRITE -> {
                    if (found != null && isOvertaken(found.lineage(), lineage)) {
                        return output(there, found);
                    }
                    if (store.replace(uri, file, type, metadata, there.etag()) == Written.CREATED) {
                        return new Output(false, lineage.inputEtag(), width, height, file.length);
                    }
                }
            }
        }
        throw Failures.retriable(
                Stage.STORE,
                "OUTPUT_CONTENDED",
                "%s was changed by others %d times while it was being written"
                        .formatted(uri, TRIES));
    }

    private @Nullable Output done(StoredObject object, Lineage wanted) {
        Lineage.Labelled found = Lineage.read(object.metadata());
        return found == null || !isDone(found.lineage(), wanted) ? null : output(object, found);
    }

    private static Output output(StoredObject object, Lineage.Labelled found) {
        return new Output(
                false, found.lineage().inputEtag(), found.width(), found.height(), object.size());
    }

    /**
     * The same work, or this job's own earlier answer for this input: within a job the first answer
     * stands, even if the input or the model changed meanwhile. Only a standing job has an answer
     * for each version of its input.
     */
    private boolean isDone(Lineage found, Lineage wanted) {
        boolean sameVersion = !job.input().follow() || found.inputEtag().equals(wanted.inputEtag());
        return (isOwn(found, wanted) && sameVersion) || found.isSameWork(wanted);
    }

    private static boolean isOwn(Lineage found, Lineage wanted) {
        return found.jobId().equals(wanted.jobId()) && found.input().equals(wanted.input());
    }

    /**
     * Whether ours, beside this job's answer that is there, is for a version of the input that is
     * no more: then another task is for the one that is, or was. Asked before a replacement that
     * fails when the output changes meanwhile, so of two tasks at two versions the later one's
     * stays.
     */
    private boolean isOvertaken(Lineage found, Lineage ours) {
        return isOwn(found, ours)
                && store.head(ours.input())
                        .filter(now -> now.etag().equals(ours.inputEtag()))
                        .isEmpty();
    }

    private static void refuseCollision(
            StoredObject there, Lineage.@Nullable Labelled found, Lineage lineage) {
        if (found != null
                && found.lineage().jobId().equals(lineage.jobId())
                && !found.lineage().input().equals(lineage.input())) {
            throw Failures.permanent(
                    Stage.STORE,
                    "OUTPUT_COLLISION",
                    "The result of %s would be %s, which is that of %s: rename one of the two"
                            .formatted(lineage.input(), there.uri(), found.lineage().input()));
        }
    }

    private static String owner(StoredObject object) {
        Lineage.Labelled found = Lineage.read(object.metadata());
        return found == null ? "something else" : "job " + found.lineage().jobId();
    }
}
