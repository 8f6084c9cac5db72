package io.pix2pix.storage;

import io.pix2pix.failure.Stage;

/**
 * What is asked of the storage, as its failures tell of it.
 *
 * @param action what is tried, as in "Failed to {action} s3://..."
 * @param bytes that travel, as far as that is known before; the more, the longer it may take
 */
record Errand(Stage stage, String action, S3Uri uri, long bytes) {
    Errand(Stage stage, String action, S3Uri uri) {
        this(stage, action, uri, 0);
    }

    boolean writes() {
        return stage == Stage.STORE;
    }

    @Override
    public String toString() {
        return "Failed to %s %s: ".formatted(action, uri);
    }
}
