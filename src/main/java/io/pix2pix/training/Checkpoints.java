package io.pix2pix.training;

import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.ObjectStore.Written;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.torchscript.GeneratorArchive;
import io.pix2pix.torchscript.Safetensors;
import io.pix2pix.training.CheckpointInfo.StoredFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one job, below its output.
 *
 * <pre>
 * checkpoints/e0010-s00004000/     after 10 epochs and 4,000 steps
 *   training.safetensors           the tensors of {@link TrainingState}
 *   generator.pt                   the generator, ready to translate
 *   checkpoint.json                {@link CheckpointInfo}, written last and once: it makes the checkpoint
 * </pre>
 *
 * <p>No file is ever written over. Where one with another content lies already (a worker died
 * before it wrote the JSON, or is about to), the new one gets a part of its digest into its name,
 * and the JSON says which is meant. So of two workers that write the same checkpoint neither can
 * spoil the other's, and the JSON decides between them.
 *
 * <p>Not for use by two threads at once; calls block until storage has answered.
 */
public final class Checkpoints {
    private static final String JOB = "pix2pix-job";
    private static final String SHA256 = "pix2pix-sha256";

    private final ObjectStore store;
    private final TrainingJob job;
    private final TrainingSpec spec;
    private final CheckpointReader reader;
    private final Path scratch;
    private final String worker;
    private final Clock clock;

    /**
     * @param scratch folder on the local disk with room for a checkpoint (unet_256: 0.9 GB)
     * @param worker this worker's name
     */
    public Checkpoints(
            ObjectStore store, TrainingJob job, Path scratch, String worker, Clock clock) {
        this.store = store;
        this.job = job;
        this.spec = Networks.of(job);
        this.reader = new CheckpointReader(store, scratch);
        this.scratch = scratch;
        this.worker = worker;
        this.clock = clock;
    }

    /**
     * A checkpoint that is there.
     *
     * @param uri its prefix, ending in a slash
     */
    public record Found(S3Uri uri, CheckpointInfo info) {
        /** Where its {@code generator.pt} is. */
        public S3Uri generator() {
            return uri.resolve(info.generator().name());
        }
    }

    /** The prefix of the checkpoint at a position, whether it is there or not. */
    public S3Uri uri(int epoch, long step) {
        return CheckpointFolder.of(output(), epoch, step);
    }

    /**
     * Writes a checkpoint, unless the same one is there (one that lacks files is written anew): at
     * each position there is one, so what it is to say of a validation has to be known before.
     *
     * @param state only read; nobody may change it meanwhile
     * @return the checkpoint as it is in storage from now on
     * @throws FailureException stage TRAIN. FENCED, retriable: another worker wrote this checkpoint
     *     with other weights, so this one has lost the job and must drop its state; whoever goes on
     *     begins with {@link #newest()}. OUTPUT_TAKEN, permanent: it is another job's. DISK_FULL
     *     and LOCAL_FILE, retriable: the local disk. Stage STORE: as the storage says
     */
    public Found save(TrainingState state, Progress progress) {
        S3Uri folder = uri(progress.epoch(), progress.step());
        try (Scratch files = Scratch.open(scratch)) {
            Scratch.Local training =
                    files.write(
                            CheckpointFolder.TRAINING,
                            bytes(state.tensors()),
                            file -> write(file, state));
            CheckpointReader.Version before = reader.read(folder).orElse(null);
            // Files are deleted after the JSON, so one without them was damaged by hand.
            if (before != null
                    && (!isOwn(before.info()) || reader.isWhole(folder, before.info()))) {
                return settled(folder, before.info(), training);
            }
            Scratch.Local generator =
                    files.write(
                            CheckpointFolder.GENERATOR,
                            bytes(state.generator()),
                            file ->
                                    new GeneratorArchive(
                                                    spec.generator(),
                                                    Networks.statistics(job),
                                                    state.generator())
                                            .write(file));
            CheckpointInfo info =
                    new CheckpointInfo(
                            CheckpointInfo.FORMAT,
                            job,
                            progress,
                            put(folder, training),
                            put(folder, generator),
                            clock.instant(),
                            worker);
            return commit(folder, info, before == null ? null : before.etag()) == Written.CREATED
                    ? new Found(folder, info)
                    : settled(folder, reader.info(folder), training);
        }
    }

    private Written commit(S3Uri folder, CheckpointInfo info, @Nullable String damaged) {
        S3Uri uri = folder.resolve(CheckpointFolder.INFO);
        byte[] json = Json.write(info);
        String type = "application/json";
        return damaged == null
                ? store.create(uri, json, type, Map.of())
                : store.replace(uri, json, type, Map.of(), damaged);
    }

    private static void write(Path file, TrainingState state) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            Safetensors.write(out, state.tensors());
        }
    }

    /** Of the numbers alone: the rest of a file is small beside them. */
    private static long bytes(Map<String, Tensor> tensors) {
        return tensors.values().stream()
                .mapToLong(tensor -> (long) Float.BYTES * tensor.floats().length)
                .sum();
    }

    private Found settled(S3Uri folder, CheckpointInfo there, Scratch.Local training) {
        if (!isOwn(there)) {
            throw CheckpointReader.taken(job, folder, there);
        }
        if (!there.training().sha256().equals(training.sha256())) {
            throw Failures.retriable(
                    Stage.TRAIN,
                    "FENCED",
                    "%s was written by %s at %s with other weights than those of %s, which thus has lost the job; it goes on from that checkpoint"
                            .formatted(folder, there.worker(), there.createdAt(), worker));
        }
        return new Found(folder, there);
    }

    private StoredFile put(S3Uri folder, Scratch.Local file) {
        Map<String, String> metadata = Map.of(JOB, job.jobId(), SHA256, file.sha256());
        for (String name : List.of(file.name(), unique(file))) {
            S3Uri uri = folder.resolve(name);
            boolean there =
                    isThere(uri, file)
                            || (store.head(uri).isEmpty()
                                    && store.create(
                                                    uri,
                                                    file.path(),
                                                    "application/octet-stream",
                                                    metadata)
                                            == Written.CREATED)
                            || isThere(uri, file);
            if (there) {
                return new StoredFile(name, file.size(), file.sha256());
            }
        }
        throw Failures.retriable(
                Stage.TRAIN,
                "FENCED",
                "Others are writing %s: found other files both as %s and as %s"
                        .formatted(folder, file.name(), unique(file)));
    }

    private boolean isThere(S3Uri uri, Scratch.Local file) {
        return store.head(uri)
                .filter(object -> object.size() == file.size())
                .filter(object -> file.sha256().equals(object.metadata().get(SHA256)))
                .isPresent();
    }

    private static String unique(Scratch.Local file) {
        int dot = file.name().lastIndexOf('.');
        return "%s-%s%s"
                .formatted(
                        file.name().substring(0, dot),
                        file.sha256().substring(0, 12),
                        file.name().substring(dot));
    }

    /**
     * The newest checkpoint of this job whose files are there with their sizes; half-written and
     * half-deleted ones are none.
     *
     * @throws FailureException CHECKPOINT_CORRUPT: a {@code checkpoint.json} that cannot be read
     */
    public Optional<Found> newest() {
        for (CheckpointFolder each : CheckpointFolder.list(store, output())) {
            Optional<CheckpointInfo> info = each.hasInfo() ? reader.find(each.uri()) : none();
            if (info.isPresent() && isOwn(info.get()) && each.holds(info.get())) {
                return Optional.of(new Found(each.uri(), info.get()));
            }
        }
        return Optional.empty();
    }

    private static Optional<CheckpointInfo> none() {
        return Optional.empty();
    }

    /** Writes a checkpoint's {@code generator.pt} under another name, whatever was there. */
    public void copyGenerator(S3Uri checkpoint, S3Uri target) {
        StoredFile generator = reader.info(checkpoint).generator();
        try (Scratch files = Scratch.open(scratch)) {
            Path file = files.file(generator.name());
            store.download(checkpoint.resolve(generator.name()), file);
            store.upload(
                    file,
                    target,
                    "application/octet-stream",
                    Map.of(JOB, job.jobId(), SHA256, generator.sha256()));
        }
    }

    /**
     * Deletes this job's oldest checkpoints, and what is left of those that were half written or
     * half deleted. The newest whole one stays in any case; other jobs' are not touched.
     *
     * @param keep so many of the newest stay, at least 1
     * @param best prefix of the checkpoint that stays beside them
     */
    public void prune(int keep, @Nullable String best) {
        if (keep < 1) {
            throw new IllegalArgumentException("keep must be positive, found " + keep);
        }
        int whole = 0;
        for (CheckpointFolder each : CheckpointFolder.list(store, output())) {
            Optional<CheckpointInfo> info = each.hasInfo() ? reader.find(each.uri()) : none();
            boolean isOwn = info.map(this::isOwn).orElseGet(() -> isOwnRemnant(each));
            if (!isOwn) {
                continue;
            }
            if (info.isPresent() && each.holds(info.get())) {
                whole++;
            }
            // Before the first whole one there may be one that is being written now.
            boolean stays =
                    whole == 0
                            || (info.isPresent() && each.holds(info.get()) && whole <= keep)
                            || each.uri().toString().equals(best);
            if (!stays) {
                delete(each);
            }
        }
    }

    /**
     * Aborts the uploads that workers of this job began and, being killed, did not end.
     *
     * @param begunBefore no upload of a checkpoint that goes on is as old as this
     * @return how many there were
     */
    int abortUploads(Instant begunBefore) {
        return store.abortUploads(CheckpointFolder.all(output()), begunBefore)
                + store.abortUploads(output().resolve(CheckpointFolder.GENERATOR), begunBefore);
    }

    /** The JSON first, so that what is half deleted is no checkpoint. */
    private void delete(CheckpointFolder folder) {
        store.delete(folder.uri().resolve(CheckpointFolder.INFO));
        folder.sizes().keySet().stream()
                .filter(name -> !name.equals(CheckpointFolder.INFO))
                .forEach(name -> store.delete(folder.uri().resolve(name)));
    }

    private boolean isOwnRemnant(CheckpointFolder folder) {
        return folder.sizes().keySet().stream()
                .map(name -> store.head(folder.uri().resolve(name)))
                .flatMap(Optional::stream)
                .map(StoredObject::metadata)
                .allMatch(metadata -> job.jobId().equals(metadata.get(JOB)));
    }

    private boolean isOwn(CheckpointInfo info) {
        return info.isOf(job);
    }

    private S3Uri output() {
        return Networks.output(job);
    }
}
