package io.pix2pix.dataset;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TrainingJob.Layout;
import io.pix2pix.event.TrainingJob.Validation;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A training job's files as they were listed.
 *
 * @param training the pairs to train on
 * @param validation the pairs to measure on; null without validation
 */
record DatasetFiles(PairSet training, @Nullable PairSet validation) {

    /**
     * Lists what the job names. What lies below the job's output, and validation pairs below the
     * training pairs, are not trained on.
     *
     * @param misfits is told of files without their other half
     * @throws FailureException stage DATASET; INVALID_JOB or what {@link ObjectStore#list} gives
     */
    static DatasetFiles list(ObjectStore store, TrainingJob job, Misfits misfits) {
        S3Uri training = uri("dataset.uri", job.dataset().uri());
        store.allow().requireInput(Stage.DATASET, "dataset.uri: ", training);
        S3Uri output = uri("output.uri", job.output().uri());
        Layout layout = job.dataset().layout();
        if (layout == Layout.SIDE_BY_SIDE && training.equals(output)) {
            throw Failures.permanent(
                    "INVALID_JOB",
                    "output.uri is dataset.uri, %s: sample sheets would become pairs"
                            .formatted(training));
        }
        Validation wanted = job.validation();
        if (wanted == null) {
            PairSet pairs = list("dataset.uri", store, training, layout, misfits, output);
            return new DatasetFiles(pairs, null);
        }
        S3Uri validation = uri("validation.uri", wanted.uri());
        store.allow().requireInput(Stage.DATASET, "validation.uri: ", validation);
        if (layout == Layout.SIDE_BY_SIDE && validation.equals(output)) {
            throw Failures.permanent(
                    "INVALID_JOB",
                    "output.uri is validation.uri, %s: sample sheets would become pairs"
                            .formatted(validation));
        }
        return new DatasetFiles(
                list("dataset.uri", store, training, layout, misfits, output, validation),
                list("validation.uri", store, validation, layout, misfits, output));
    }

    private static PairSet list(
            String field,
            ObjectStore store,
            S3Uri prefix,
            Layout layout,
            Misfits misfits,
            S3Uri... others) {
        List<S3Uri> except = Stream.of(others).filter(other -> isBelow(other, prefix)).toList();
        try {
            return PairSet.list(store, prefix, layout, except, misfits);
        } catch (FailureException e) {
            throw Failures.of(e, field + ": ");
        }
    }

    private static boolean isBelow(S3Uri inner, S3Uri outer) {
        return inner.bucket().equals(outer.bucket())
                && inner.key().startsWith(outer.key())
                && !inner.key().equals(outer.key());
    }

    private static S3Uri uri(String field, String text) {
        try {
            return S3Uri.parse(text);
        } catch (IllegalArgumentException e) {
            throw Failures.permanent("INVALID_JOB", field + ": " + e.getMessage());
        }
    }

    /**
     * Visits all files, those to train on first, each set by name.
     *
     * @param visitor gets the set's word, {@code training} or {@code validation}, and the file
     */
    void forEach(BiConsumer<String, SourceFile> visitor) {
        training.files().forEach(file -> visitor.accept("training", file));
        if (validation != null) {
            validation.files().forEach(file -> visitor.accept("validation", file));
        }
    }

    /** Entity tags by set and name, such as {@code training a.jpg}. */
    SortedMap<String, String> etags() {
        SortedMap<String, String> etags = new TreeMap<>();
        forEach((set, file) -> etags.put(set + ' ' + file.name(), file.etag()));
        return etags;
    }

    /** Equal for equal files, wherever they lie. */
    String fingerprint() {
        MessageDigest digest = sha256();
        forEach(
                (set, file) -> {
                    String line = set + '\0' + file.name() + '\0' + file.etag() + '\n';
                    digest.update(line.getBytes(StandardCharsets.UTF_8));
                });
        return HexFormat.of().formatHex(digest.digest());
    }

    DatasetSummary summary(int batchSize) {
        int pairs = training.pairs().size();
        int steps = (int) (((long) pairs + batchSize - 1) / batchSize);
        int held = validation == null ? 0 : validation.pairs().size();
        return new DatasetSummary(pairs, steps, fingerprint(), held);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
