package io.pix2pix.training;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Network;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.AllowLists;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where jobs begin: at another job's checkpoint ({@code resumeFrom}), with given weights ({@code
 * initFrom}) or with random ones. Safe for use by several threads.
 *
 * <p>What a job says wrongly is a {@link FailureException} whose message begins with the JSON path;
 * code INVALID_JOB, WRONG_NETWORK (naming the first tensor that does not fit), NOT_FOUND,
 * CHECKPOINT_INCOMPLETE, CHECKPOINT_CORRUPT or what reading the file gave.
 */
public final class StartingPoints {
    private static final String RESUME = "$.resumeFrom: ";
    private static final String INITIAL = "$.initFrom: ";

    private final AllowLists allow;
    private final CheckpointReader checkpoints;
    private final GivenWeights weights;

    /**
     * @param scratch folder on the local disk with room for a checkpoint (unet_256: 0.7 GB)
     */
    public StartingPoints(ObjectStore store, Path scratch) {
        allow = store.allow();
        checkpoints = new CheckpointReader(store, scratch);
        weights = new GivenWeights(store, scratch, checkpoints);
    }

    /**
     * Looks at what the job names alone, and reads nothing.
     *
     * @throws FailureException NOT_ALLOWED, INVALID_JOB
     */
    public void checkAllowed(TrainingJob job) {
        if (job.resumeFrom() != null) {
            allow.requireModel(Stage.PLAN, RESUME, prefix(RESUME, job.resumeFrom()));
        }
        if (job.initFrom() != null) {
            S3Uri uri = Networks.uri("$.initFrom", job.initFrom());
            allow.requireModel(Stage.PLAN, INITIAL, GivenWeights.named(uri));
        }
    }

    /**
     * Checks that a job can begin, before any device time is spent: of checkpoints only the JSON is
     * read; a {@code .pth} or {@code generator.pt} is downloaded. An output that holds another
     * job's checkpoints is OUTPUT_TAKEN.
     */
    public void check(TrainingJob job, DatasetSummary dataset) {
        TrainingSpec spec = Networks.of(job);
        checkAllowed(job);
        checkpoints.requireOwnOutput(job);
        if (job.resumeFrom() != null) {
            S3Uri uri = prefix(RESUME, job.resumeFrom());
            try {
                requireGoesOn(job, spec, dataset, checkpoints.info(uri));
            } catch (FailureException e) {
                throw Failures.prefixed(RESUME, e);
            }
        } else if (job.initFrom() != null) {
            S3Uri uri = Networks.uri("$.initFrom", job.initFrom());
            try {
                weights.check(uri, spec);
            } catch (FailureException e) {
                throw Failures.prefixed(INITIAL, e);
            }
        }
    }

    /**
     * What a job begins with.
     *
     * @return random weights follow from the job's seed; given ones have moments of 0; a resumed
     *     job has the checkpoint's tensors and position, but measures its own best validation
     */
    public StartingPoint open(TrainingJob job, DatasetSummary dataset) {
        TrainingSpec spec = Networks.of(job);
        checkAllowed(job);
        if (job.resumeFrom() != null) {
            S3Uri uri = prefix(RESUME, job.resumeFrom());
            try {
                requireGoesOn(job, spec, dataset, checkpoints.info(uri));
                CheckpointReader.Loaded loaded = checkpoints.load(uri, spec);
                Progress there = loaded.info().progress();
                return new StartingPoint(
                        loaded.state(),
                        new Progress(
                                there.epoch(), there.step(), there.unfinished(), null, 0, dataset));
            } catch (FailureException e) {
                throw Failures.prefixed(RESUME, e);
            }
        }
        return new StartingPoint(initial(job, spec), Progress.beginning(dataset));
    }

    private TrainingState initial(TrainingJob job, TrainingSpec spec) {
        long seed = job.training().seed();
        if (job.initFrom() == null) {
            return TrainingState.initial(spec, Networks.initialization(job), seed);
        }
        S3Uri uri = Networks.uri("$.initFrom", job.initFrom());
        try {
            GivenWeights.Given given = weights.read(uri, spec);
            return TrainingState.of(
                    spec,
                    given.generator(),
                    given.discriminator(),
                    Networks.initialization(job),
                    seed);
        } catch (FailureException e) {
            throw Failures.prefixed(INITIAL, e);
        }
    }

    private static void requireGoesOn(
            TrainingJob job, TrainingSpec spec, DatasetSummary dataset, CheckpointInfo info) {
        requireSame(spec, Networks.of(info.job()));
        Progress there = info.progress();
        int epochs = job.training().totalEpochs();
        if (there.epoch() >= epochs) {
            throw Failures.invalidJob(
                    "the checkpoint has finished %d epochs and the job has %d in all: nothing is left to train; raise $.training.epochs or decayEpochs"
                            .formatted(there.epoch(), epochs));
        }
        // Which pairs an epoch has still to see follows from these.
        boolean sameEpoch =
                there.dataset().fingerprint().equals(dataset.fingerprint())
                        && there.dataset().stepsPerEpoch() == dataset.stepsPerEpoch()
                        && info.job().training().seed().equals(job.training().seed())
                        && info.job().training().batchSize().equals(job.training().batchSize());
        if (there.stepsInEpoch() > 0 && !sameEpoch) {
            throw Failures.invalidJob(
                    "the checkpoint is in the middle of epoch %d, after %d of its %d steps; another dataset, seed or batch size can begin with a new epoch only: take a checkpoint from the end of one"
                            .formatted(
                                    there.epoch() + 1,
                                    there.stepsInEpoch(),
                                    there.dataset().stepsPerEpoch()));
        }
    }

    /** Fails with the first tensor that differs. */
    static void requireSame(TrainingSpec wanted, TrainingSpec found) {
        firstDifference(wanted.generator(), found.generator())
                .map(text -> "generator, " + text)
                .or(
                        () ->
                                firstDifference(wanted.discriminator(), found.discriminator())
                                        .map(text -> "discriminator, " + text))
                .ifPresent(
                        misfit -> {
                            throw Failures.permanent(
                                    Stage.TRAIN,
                                    "WRONG_NETWORK",
                                    "the checkpoint's networks are not the job's: " + misfit);
                        });
    }

    static Optional<String> firstDifference(Network wanted, Network found) {
        Map<String, Network.Entry> there = found.entries();
        Map<String, Network.Entry> here = wanted.entries();
        for (Map.Entry<String, Network.Entry> each : here.entrySet()) {
            Network.Entry entry = there.get(each.getKey());
            if (!each.getValue().equals(entry)) {
                return Optional.of(
                        "%s: expected %s, found %s"
                                .formatted(
                                        each.getKey(),
                                        each.getValue().shape(),
                                        entry == null ? "no such key" : entry.shape()));
            }
        }
        return there.keySet().stream()
                .filter(key -> !here.containsKey(key))
                .findFirst()
                .map(key -> "%s: expected no such key".formatted(key));
    }

    /** With or without its slash at the end. */
    private static S3Uri prefix(String field, String uri) {
        S3Uri parsed = Networks.uri(field.substring(0, field.indexOf(':')), uri);
        return parsed.isPrefix() ? parsed : parsed.resolve("/");
    }
}
