package io.pix2pix.torchscript;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Network;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns weights that the reference PyTorch code saved ({@code latest_net_G.pth}) into ours. */
public final class WeightsImporter {
    private WeightsImporter() {}

    /**
     * What the user says of the network; null is inferred from the weights.
     *
     * @param normalization what the generator's own forward takes; null: instance
     */
    public record Wanted(
            Architecture architecture,
            @Nullable Integer filters,
            @Nullable NormKind norm,
            @Nullable Statistics normalization) {
        /** Everything but the architecture is inferred. */
        public static Wanted of(Architecture architecture) {
            return new Wanted(architecture, null, null, null);
        }
    }

    /**
     * Reads a state dict and writes a self-contained TorchScript module.
     *
     * @return what the network turned out to be
     * @throws FailureException stage MODEL: NOT_FOUND, NOT_A_STATE_DICT, UNSAFE_PICKLE,
     *     WRONG_NETWORK (naming the first key that does not fit), NOT_WRITTEN
     */
    public static GeneratorArchive importWeights(Path pth, Path pt, Wanted wanted) {
        GeneratorArchive archive = read(pth, wanted);
        try {
            archive.write(pt);
        } catch (IOException e) {
            throw new FailureException(
                    Failure.permanent(
                            Stage.MODEL,
                            "NOT_WRITTEN",
                            "Failed to write %s: %s".formatted(pt, e.getMessage())),
                    e);
        }
        return archive;
    }

    /**
     * Reads the tensors of a {@code .pth}, whatever network they are of.
     *
     * @throws FailureException stage MODEL: NOT_FOUND, NOT_A_STATE_DICT, UNSAFE_PICKLE
     */
    public static Map<String, Tensor> readTensors(Path pth) {
        return TorchFile.readStateDict(pth);
    }

    /**
     * Reads a generator's state dict.
     *
     * @throws FailureException as {@link #importWeights}
     */
    public static GeneratorArchive read(Path pth, Wanted wanted) {
        Map<String, Tensor> state = TorchFile.readStateDict(pth);
        GeneratorSpec spec = spec(pth, wanted, state);
        requireFit(pth, spec, state);
        Statistics statistics =
                wanted.normalization() == null ? Statistics.INSTANCE : wanted.normalization();
        return new GeneratorArchive(spec, statistics, spec.ordered(state));
    }

    /**
     * Reads the state dict of a network that is known.
     *
     * @return the tensors by key, in the network's order
     * @throws FailureException as {@link #importWeights}
     */
    public static Map<String, Tensor> read(Path pth, Network network) {
        Map<String, Tensor> state = TorchFile.readStateDict(pth);
        network.firstMisfit(state)
                .ifPresent(
                        misfit -> {
                            throw wrong(pth, network, misfit, state);
                        });
        return network.ordered(state);
    }

    private static FailureException wrong(
            Path file, Network network, String misfit, Map<String, Tensor> state) {
        if (network instanceof GeneratorSpec generator) {
            return wrong(file, generator.architecture(), misfit, state);
        }
        return wrong(file, "the discriminator", misfit, "");
    }

    private static GeneratorSpec spec(Path file, Wanted wanted, Map<String, Tensor> state) {
        Architecture architecture = wanted.architecture();
        GeneratorSpec found =
                architecture
                        .infer(state)
                        .orElseThrow(
                                () ->
                                        wrong(
                                                file,
                                                architecture,
                                                missing(architecture, state),
                                                state));
        return new GeneratorSpec(
                architecture,
                wanted.filters() == null ? found.filters() : wanted.filters(),
                found.inputChannels(),
                found.outputChannels(),
                wanted.norm() == null ? found.norm() : wanted.norm(),
                found.dropout());
    }

    private static String missing(Architecture architecture, Map<String, Tensor> state) {
        String key = architecture.firstKey();
        Tensor found = state.get(key);
        return "%s: expected the weight of a convolution, found %s"
                .formatted(key, found == null ? "no such key" : found);
    }

    /** Fails with the first key that does not fit. */
    static void requireFit(Path file, GeneratorSpec spec, Map<String, Tensor> state) {
        spec.firstMisfit(state)
                .ifPresent(
                        misfit -> {
                            throw wrong(file, spec.architecture(), misfit, state);
                        });
    }

    private static FailureException wrong(
            Path file, Architecture expected, String misfit, Map<String, Tensor> state) {
        String hint =
                Architecture.recognize(state)
                        .filter(found -> !found.equals(expected))
                        .map(found -> "; the weights are those of " + found.word())
                        .orElse("");
        return wrong(file, expected.word(), misfit, hint);
    }

    private static FailureException wrong(Path file, String expected, String misfit, String hint) {
        return new FailureException(
                Failure.permanent(
                        Stage.MODEL,
                        "WRONG_NETWORK",
                        "%s does not fit %s: %s%s".formatted(file, expected, misfit, hint)));
    }
}
