package io.pix2pix.training;

import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.ObjectStore.Content;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.torchscript.Safetensors;
import io.pix2pix.training.CheckpointInfo.StoredFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads checkpoints, whoever's. Safe for use by several threads.
 *
 * <p>Failures have stage TRAIN and are permanent: CHECKPOINT_INCOMPLETE (something is missing),
 * CHECKPOINT_CORRUPT (something is not what was written), WRONG_NETWORK (names the first tensor
 * that does not fit). Beside them what the storage says, and LOCAL_FILE.
 */
public final class CheckpointReader {
    private static final long MAX_INFO = 1 << 20;

    private final ObjectStore store;
    private final Path scratch;

    /**
     * @param scratch folder on the local disk with room for the largest checkpoint (unet_256: 0.7
     *     GB)
     */
    public CheckpointReader(ObjectStore store, Path scratch) {
        this.store = store;
        this.scratch = scratch;
    }

    /** A checkpoint with its tensors, in the order that all states have. */
    public record Loaded(CheckpointInfo info, TrainingState state) {}

    /** What a JSON says at one time. */
    record Version(CheckpointInfo info, String etag) {}

    /**
     * What a checkpoint's JSON says; the other files are not looked at. Empty when there is no
     * JSON, and so no checkpoint.
     *
     * @param checkpoint its prefix, ending in a slash
     */
    public Optional<CheckpointInfo> find(S3Uri checkpoint) {
        return read(checkpoint).map(Version::info);
    }

    /** As {@link #find}, with the JSON's entity tag. */
    Optional<Version> read(S3Uri checkpoint) {
        S3Uri uri = checkpoint.resolve(CheckpointFolder.INFO);
        Content json;
        try {
            json = store.read(uri, MAX_INFO);
        } catch (FailureException e) {
            if (e.failure().code().equals("NOT_FOUND")) {
                return Optional.empty();
            }
            throw e;
        }
        try {
            CheckpointInfo info = Json.read(json.bytes(), CheckpointInfo.class);
            return Optional.of(new Version(info, json.object().etag()));
        } catch (IllegalArgumentException e) {
            throw corrupt("%s cannot be read: %s".formatted(uri, e.getMessage()));
        }
    }

    /** Whether the files that a checkpoint's JSON speaks of are there with their sizes. */
    boolean isWhole(S3Uri checkpoint, CheckpointInfo info) {
        return Stream.of(info.training(), info.generator())
                .allMatch(
                        file ->
                                store.head(checkpoint.resolve(file.name()))
                                        .filter(object -> object.size() == file.size())
                                        .isPresent());
    }

    /** What {@link #find} gives, or CHECKPOINT_INCOMPLETE. */
    public CheckpointInfo info(S3Uri checkpoint) {
        return find(checkpoint)
                .orElseThrow(
                        () ->
                                incomplete(
                                        "There is no checkpoint %s: it has no %s"
                                                .formatted(checkpoint, CheckpointFolder.INFO)));
    }

    /**
     * Downloads, checks and reads a checkpoint.
     *
     * @param checkpoint its prefix, ending in a slash
     * @param spec what it must fit
     */
    public Loaded load(S3Uri checkpoint, TrainingSpec spec) {
        CheckpointInfo info = info(checkpoint);
        TrainingState state = new TrainingState(tensors(checkpoint, info));
        state.firstMisfit(spec)
                .ifPresent(
                        misfit -> {
                            throw Failures.permanent(
                                    Stage.TRAIN,
                                    "WRONG_NETWORK",
                                    "%s does not fit the job's networks: %s"
                                            .formatted(
                                                    checkpoint.resolve(info.training().name()),
                                                    misfit));
                        });
        return new Loaded(info, state.ordered(spec));
    }

    /**
     * Fails when checkpoints of another job lie below a job's output: each output belongs to one.
     *
     * @throws FailureException OUTPUT_TAKEN, which names the owner
     */
    public void requireOwnOutput(TrainingJob job) {
        for (CheckpointFolder each : CheckpointFolder.list(store, Networks.output(job))) {
            if (each.hasInfo()) {
                find(each.uri())
                        .filter(info -> !info.isOf(job))
                        .ifPresent(
                                info -> {
                                    throw taken(job, each.uri(), info);
                                });
            }
        }
    }

    static FailureException taken(TrainingJob job, S3Uri checkpoint, CheckpointInfo there) {
        String owner =
                there.job().jobId().equals(job.jobId())
                        ? "an earlier job %s of another content".formatted(job.jobId())
                        : "job " + there.job().jobId();
        return Failures.permanent(
                Stage.TRAIN,
                "OUTPUT_TAKEN",
                "$.output.uri: %s holds the checkpoint %s of %s; each job needs an output of its own"
                        .formatted(job.output().uri(), checkpoint, owner));
    }

    /** The tensors as they were written, whatever they fit. */
    Map<String, Tensor> tensors(S3Uri checkpoint, CheckpointInfo info) {
        StoredFile expected = info.training();
        S3Uri uri = checkpoint.resolve(expected.name());
        try (Scratch files = Scratch.open(scratch)) {
            Path file = files.file(expected.name());
            download(uri, file);
            String found = Scratch.sha256(file);
            if (!found.equals(expected.sha256())) {
                throw corrupt(
                        "%s is not what was written: expected %d bytes with SHA-256 %s, found %d with %s"
                                .formatted(
                                        uri,
                                        expected.size(),
                                        expected.sha256(),
                                        file.toFile().length(),
                                        found));
            }
            try {
                return Safetensors.read(file);
            } catch (FailureException e) {
                throw Failures.named(file, uri, e);
            }
        }
    }

    private void download(S3Uri uri, Path file) {
        try {
            store.download(uri, file);
        } catch (FailureException e) {
            if (e.failure().code().equals("NOT_FOUND")) {
                throw incomplete("The checkpoint lacks its file " + uri);
            }
            throw e;
        }
    }

    private static FailureException incomplete(String message) {
        return Failures.permanent(Stage.TRAIN, "CHECKPOINT_INCOMPLETE", message);
    }

    private static FailureException corrupt(String message) {
        return Failures.permanent(Stage.TRAIN, "CHECKPOINT_CORRUPT", message);
    }
}
