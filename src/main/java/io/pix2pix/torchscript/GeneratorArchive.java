package io.pix2pix.torchscript;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.PlainForward;
import io.pix2pix.network.ScriptModule;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code generator.pt} of ours: a self-contained TorchScript module whose state dict has the
 * reference's keys, and beside it a description, so that we can write its program anew.
 *
 * @param spec what the generator is made of
 * @param statistics what its own {@code forward} takes; the default when translating
 * @param state the tensors by the reference's keys, in order
 */
public record GeneratorArchive(
        GeneratorSpec spec, Statistics statistics, Map<String, Tensor> state) {
    private static final String DESCRIPTION = "pix2pix.json";
    private static final ObjectMapper JSON =
            new ObjectMapper(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(8)
                                                    .maxNumberLength(20)
                                                    .build())
                                    .build())
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** What is known of a generator without its weights. */
    public record Description(GeneratorSpec spec, Statistics statistics) {}

    /** The form of the description in the file. */
    private record Form(
            String network,
            int filters,
            int inputChannels,
            int outputChannels,
            String norm,
            boolean dropout,
            String normalization) {
        static Form of(GeneratorSpec spec, Statistics statistics) {
            return new Form(
                    spec.architecture().word(),
                    spec.filters(),
                    spec.inputChannels(),
                    spec.outputChannels(),
                    spec.norm().word(),
                    spec.dropout(),
                    statistics.word());
        }

        Description read() {
            GeneratorSpec spec =
                    new GeneratorSpec(
                            Architecture.parse(network),
                            filters,
                            inputChannels,
                            outputChannels,
                            NormKind.parse(norm),
                            dropout);
            return new Description(spec, Statistics.parse(normalization));
        }
    }

    /** Writes {@code generator.pt}. */
    public void write(Path file) throws IOException {
        ScriptModule module = PlainForward.of(spec, state, statistics);
        String description = JSON.writeValueAsString(Form.of(spec, statistics));
        ArchiveWriter.write(file, module, Map.of(DESCRIPTION, description));
    }

    /** Writes any module. */
    public static void write(Path file, ScriptModule module) throws IOException {
        ArchiveWriter.write(file, module, Map.of());
    }

    /** The description in a {@code generator.pt}; empty when the file is not one of ours. */
    public static Optional<Description> describe(Path file) {
        return TorchFile.readExtra(file, DESCRIPTION)
                .map(
                        text -> {
                            try {
                                return JSON.readValue(text, Form.class).read();
                            } catch (JsonProcessingException | RuntimeException e) {
                                throw new FailureException(
                                        Failure.permanent(
                                                Stage.MODEL,
                                                "WRONG_NETWORK",
                                                "%s describes no network that is known here: %s"
                                                        .formatted(file, e.getMessage())),
                                        e);
                            }
                        });
    }

    /**
     * Reads a {@code generator.pt} of ours.
     *
     * @param description what {@link #describe} gave
     * @throws FailureException stage MODEL: the tensors do not fit the description
     */
    public static GeneratorArchive read(Path file, Description description) {
        Map<String, Tensor> state = TorchFile.readModule(file);
        GeneratorSpec spec = description.spec();
        WeightsImporter.requireFit(file, spec, state);
        return new GeneratorArchive(spec, description.statistics(), spec.ordered(state));
    }
}
