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
    public AllowLists(StorageConfig config) {
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
     * @param field what the message begins with, such as {@code "input.uri: "}
     * @param input an object or prefix that a job reads
     * @throws FailureException NOT_ALLOWED
     */
    public void requireInput(Stage stage, String field, S3Uri input) {
        read.require(stage, field, input);
    }

    /**
     * @param field what the message begins with, such as {@code "output.uri: "}
     * @param output an object or prefix that a job writes
     * @throws FailureException NOT_ALLOWED
     */
    public void requireOutput(Stage stage, String field, S3Uri output) {
        write.require(stage, field, output);
    }

    /**
     * @param field what the message begins with, such as {@code "model.uri: "}
     * @param model a model, weights or a checkpoint that a job begins with
     * @throws FailureException NOT_ALLOWED
     */
    public void requireModel(Stage stage, String field, S3Uri model) {
        models.require(stage, field, model);
    }

    /** Whether {@link #requireModel} would do nothing. */
    public boolean permitsModel(S3Uri model) {
        return models.permits(model);
    }

    void requireWriting(Stage stage, S3Uri uri) {
        write.require(stage, "", uri);
    }

    void requireReading(Stage stage, S3Uri uri) {
        if (!write.permits(uri) && !models.permits(uri)) {
            read.require(stage, "", uri);
        }
    }

    void requireBucket(Stage stage, String bucket) {
        if (!write.permitsBucket(bucket)) {
            requireWriting(stage, new S3Uri(bucket, ""));
        }
    }
}
