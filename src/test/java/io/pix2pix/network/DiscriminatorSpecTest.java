package io.pix2pix.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.network.DiscriminatorSpec.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscriminatorSpecTest {
    private static final DiscriminatorSpec PATCH_70 =
            new DiscriminatorSpec(Kind.BASIC, 64, 3, 6, NormKind.BATCH);

    private static long parameters(Network network) {
        return network.entries().values().stream()
                .filter(entry -> !entry.buffer())
                .mapToLong(entry -> entry.shape().stream().reduce(1, Math::multiplyExact))
                .sum();
    }

    @Test
    void hasTheReferencesParameters() {
        assertThat(parameters(PATCH_70)).isEqualTo(2_768_705);
        assertThat(parameters(new DiscriminatorSpec(Kind.PIXEL, 64, 0, 6, NormKind.BATCH)))
                .isEqualTo(9_024);
    }

    @Test
    void hasTheReferencesKeys() {
        assertThat(PATCH_70.parameters())
                .containsExactly(
                        "model.0.weight",
                        "model.0.bias",
                        "model.2.weight",
                        "model.3.weight",
                        "model.3.bias",
                        "model.5.weight",
                        "model.6.weight",
                        "model.6.bias",
                        "model.8.weight",
                        "model.9.weight",
                        "model.9.bias",
                        "model.11.weight",
                        "model.11.bias");
        assertThat(new DiscriminatorSpec(Kind.PIXEL, 4, 0, 6, NormKind.INSTANCE).parameters())
                .containsExactly(
                        "net.0.weight",
                        "net.0.bias",
                        "net.2.weight",
                        "net.2.bias",
                        "net.5.weight",
                        "net.5.bias");
    }

    /** The figures of the paper, section 6.1.2, and of the reference. */
    @ParameterizedTest
    @CsvSource({"1, 16", "2, 34", "3, 70", "4, 142", "5, 286"})
    void seesPatchesOfTheKnownSize(int depth, int expected) {
        List<Layer> layers =
                new DiscriminatorSpec(Kind.BASIC, 64, depth, 6, NormKind.BATCH).layers();
        int field = 1;
        for (int i = layers.size() - 1; i >= 0; i--) {
            if (layers.get(i) instanceof Layer.Conv c) {
                field = (field - 1) * c.stride() + c.kernel();
            }
        }
        assertThat(field).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5"})
    void tellsTheSmallestImageThatLeavesAPatch(int depth) {
        DiscriminatorSpec spec = new DiscriminatorSpec(Kind.BASIC, 4, depth, 6, NormKind.BATCH);
        assertThat(outputSize(spec, spec.smallestSize())).isEqualTo(1);
        assertThat(outputSize(spec, spec.smallestSize() - 1)).isZero();
    }

    private static int outputSize(DiscriminatorSpec spec, int size) {
        int n = size;
        for (Layer layer : spec.layers()) {
            if (layer instanceof Layer.Conv c) {
                n = Math.floorDiv(n + 2 * c.padding() - c.kernel(), c.stride()) + 1;
            }
        }
        return n;
    }

    @Test
    void refusesWhatIsNoDiscriminator() {
        assertThatThrownBy(() -> new DiscriminatorSpec(Kind.BASIC, 64, 6, 6, NormKind.BATCH))
                .hasMessage("A discriminator has 1 to 5 layers, found 6");
        assertThatThrownBy(() -> new DiscriminatorSpec(Kind.BASIC, 64, 3, 1, NormKind.BATCH))
                .hasMessageContaining("found 64 filters, 1 channels");
        assertThatThrownBy(() -> Kind.parse("patch"))
                .hasMessage("Expected discriminator basic or pixel, found 'patch'");
        assertThatThrownBy(() -> GanLoss.parse("hinge"))
                .hasMessage("Expected loss vanilla or lsgan or wgangp, found 'hinge'");
    }
}
