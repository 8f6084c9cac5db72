package io.pix2pix.storage;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.util.List;
import java.util.Optional;

/**
 * What jobs may name where: inputs and datasets, outputs, models.
 *
 * <p>Who plans a job asks here before anything is read, and so does who reads an input or a model.
 * {@link ObjectStore} itself keeps requests within the lists, but cannot tell what an object is
 * read for: there what any list permits may be read, since outputs are read again by those who
 * wrote them. Immutable.
 */
public final class AllowLists {
    private final AllowList read;
    private final AllowList write;
    private final AllowList models;

    /**
     * @throws IllegalArgumentException when an entry is no S3 URI
     */
    AllowLists(StorageConfig config) {
        read = list("allow-read", config.allowRead(), config.allow());
        write = list("allow-write", config.allowWrite(), config.allow());
        models = list("allow-models", config.allowModels(), config.allow());
    }

    private static AllowList list(
            String name, Optional<List<String>> entries, List<String> otherwise) {
        return new AllowList(
                "pix2pix.storage." + (entries.isPresent() ? name : "allow"),
                entries.orElse(otherwise));
    }

    /**
     * @param input an object or prefix that a job reads
     * @throws FailureException NOT_ALLOWED
     */
    public void requireInput(Stage stage, S3Uri input) {
        read.require(stage, input);
    }

    /**
     * @param output an object or prefix that a job writes
     * @throws FailureException NOT_ALLOWED
     */
    public void requireOutput(Stage stage, S3Uri output) {
        write.require(stage, output);
    }

    /**
     * @param model a model, weights or a checkpoint that a job begins with
     * @throws FailureException NOT_ALLOWED
     */
    public void requireModel(Stage stage, S3Uri model) {
        models.require(stage, model);
    }

    void requireAny(Stage stage, S3Uri uri) {
        if (!write.permits(uri) && !models.permits(uri)) {
            read.require(stage, uri);
        }
    }

    void requireBucket(Stage stage, String bucket) {
        if (!write.permitsBucket(bucket)) {
            write.require(stage, new S3Uri(bucket, ""));
        }
    }
}
