package io.pix2pix.cli;

import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.torchscript.WeightsImporter;
import io.pix2pix.torchscript.WeightsImporter.Wanted;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "import-weights",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes a generator.pt of weights that the reference PyTorch code saved (latest_net_G.pth).",
            "Filters, channels and norm are found in the weights."
        })
final class ImportWeightsCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "IN.pth", description = "state dict, old or new format")
    private Path in = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT.pt", description = "TorchScript module to write")
    private Path out = Path.of("");

    @Option(
            names = "--network",
            required = true,
            converter = ArchitectureConverter.class,
            description = "unet_256, unet_128, ..., resnet_9blocks, resnet_6blocks")
    private @Nullable Architecture network;

    @Option(names = "--filters", description = "the reference's --ngf; checked if given")
    private @Nullable Integer filters;

    @Option(
            names = "--norm",
            converter = NormConverter.class,
            description = "batch or instance; checked if given")
    private @Nullable NormKind norm;

    @Option(
            names = "--normalization",
            converter = StatisticsConverter.class,
            description =
                    "what the module takes by itself: instance (default; the reference at batch size 1) or running")
    private @Nullable Statistics normalization;

    @Override
    public Integer call() {
        if (network == null || spec == null) {
            throw new IllegalStateException("Not run by picocli");
        }
        GeneratorSpec found =
                WeightsImporter.importWeights(
                                in, out, new Wanted(network, filters, norm, normalization))
                        .spec();
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%s: %s, %d filters, %d to %d channels, %s norm%s%n",
                        out,
                        network.word(),
                        found.filters(),
                        found.inputChannels(),
                        found.outputChannels(),
                        found.norm().word(),
                        found.dropout() ? ", dropout" : "");
        return 0;
    }

    private static <T> T converted(java.util.function.Function<String, T> parse, String value) {
        try {
            return parse.apply(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    static final class ArchitectureConverter implements ITypeConverter<Architecture> {
        @Override
        public Architecture convert(String value) {
            return converted(Architecture::parse, value);
        }
    }

    static final class NormConverter implements ITypeConverter<NormKind> {
        @Override
        public NormKind convert(String value) {
            return converted(NormKind::parse, value);
        }
    }

    static final class StatisticsConverter implements ITypeConverter<Statistics> {
        @Override
        public Statistics convert(String value) {
            return converted(Statistics::parse, value);
        }
    }
}
