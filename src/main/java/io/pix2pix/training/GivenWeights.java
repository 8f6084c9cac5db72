package io.pix2pix.training;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Network;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.torchscript.GeneratorArchive;
import io.pix2pix.torchscript.WeightsImporter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Weights that a job begins with: the reference's {@code latest_net_G.pth} (and the {@code
 * latest_net_D.pth} beside it, when there is one), a {@code generator.pt} of ours, or a checkpoint.
 */
final class GivenWeights {
    private static final String REFERENCE = ".pth";
    private static final String OURS = ".pt";
    private static final String GENERATOR = "_net_G.pth";
    private static final String DISCRIMINATOR = "_net_D.pth";

    private final ObjectStore store;
    private final Path scratch;
    private final CheckpointReader checkpoints;

    GivenWeights(ObjectStore store, Path scratch, CheckpointReader checkpoints) {
        this.store = store;
        this.scratch = scratch;
        this.checkpoints = checkpoints;
    }

    /** State dicts that fit; null what was not given. */
    record Given(
            @Nullable Map<String, Tensor> generator, @Nullable Map<String, Tensor> discriminator) {}

    /** Fails as {@link #read} would, reading as little as shows it. */
    void check(S3Uri uri, TrainingSpec spec) {
        if (uri.key().endsWith(REFERENCE)) {
            readReference(uri, spec);
        } else if (uri.key().endsWith(OURS)) {
            withFile(uri, file -> describe(file, spec));
        } else {
            StartingPoints.requireSame(spec, Networks.of(checkpoints.info(prefix(uri)).job()));
        }
    }

    /**
     * Reads what a job's {@code initFrom} names.
     *
     * @throws FailureException WRONG_NETWORK, naming the first tensor that does not fit; NOT_FOUND
     */
    Given read(S3Uri uri, TrainingSpec spec) {
        if (uri.key().endsWith(REFERENCE)) {
            return readReference(uri, spec);
        }
        if (uri.key().endsWith(OURS)) {
            return withFile(
                    uri,
                    file ->
                            new Given(
                                    GeneratorArchive.read(file, describe(file, spec)).state(),
                                    null));
        }
        TrainingState state = checkpoints.load(prefix(uri), spec).state();
        return new Given(state.generator(), state.discriminator());
    }

    private Given readReference(S3Uri uri, TrainingSpec spec) {
        Map<String, Tensor> generator =
                withFile(uri, file -> WeightsImporter.read(file, spec.generator()));
        Optional<S3Uri> beside =
                Optional.of(uri.key())
                        .filter(key -> key.endsWith(GENERATOR))
                        .map(key -> key.substring(0, key.length() - GENERATOR.length()))
                        .map(stem -> new S3Uri(uri.bucket(), stem + DISCRIMINATOR))
                        .filter(other -> store.allow().permitsModel(other))
                        .filter(other -> store.head(other).isPresent());
        return new Given(
                generator,
                beside.map(
                                other ->
                                        withFile(
                                                other,
                                                file ->
                                                        WeightsImporter.read(
                                                                file, spec.discriminator())))
                        .orElse(null));
    }

    private static GeneratorArchive.Description describe(Path file, TrainingSpec spec) {
        GeneratorArchive.Description found =
                GeneratorArchive.describe(file)
                        .orElseThrow(
                                () ->
                                        Failures.permanent(
                                                Stage.MODEL,
                                                "NOT_OURS",
                                                "%s is no generator.pt of ours; expected one that a training or an import of weights wrote"
                                                        .formatted(file)));
        Network network = spec.generator();
        StartingPoints.firstDifference(network, found.spec())
                .ifPresent(
                        misfit -> {
                            throw Failures.permanent(
                                    Stage.MODEL,
                                    "WRONG_NETWORK",
                                    "%s, a %s, is not the job's generator: %s"
                                            .formatted(
                                                    file,
                                                    found.spec().architecture().word(),
                                                    misfit));
                        });
        return found;
    }

    private <T> T withFile(S3Uri uri, Function<Path, T> reading) {
        try (Scratch files = Scratch.open(scratch)) {
            Path file = files.file("weights");
            store.download(uri, file);
            try {
                return reading.apply(file);
            } catch (FailureException e) {
                throw Failures.named(file, uri, e);
            }
        }
    }

    /** The object, or the checkpoint's prefix with its slash. */
    static S3Uri named(S3Uri uri) {
        boolean isFile = uri.key().endsWith(REFERENCE) || uri.key().endsWith(OURS);
        return isFile ? uri : prefix(uri);
    }

    /** With or without its slash at the end. */
    private static S3Uri prefix(S3Uri uri) {
        return uri.isPrefix() ? uri : uri.resolve("/");
    }
}
