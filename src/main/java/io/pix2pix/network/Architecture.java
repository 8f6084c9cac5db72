package io.pix2pix.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A family of generators of the reference implementation, and how deep this one is. */
public sealed interface Architecture permits Unet, Resnet {
    Pattern NAME = Pattern.compile("unet_(\\d{1,6})|resnet_(\\d{1,2})blocks");

    /** The reference's name, such as {@code unet_256} or {@code resnet_9blocks}. */
    String word();

    /** The generator's layers; the order of the weighted ones is the state dict's. */
    List<Layer> layers(GeneratorSpec spec);

    /** Width and height of an image must be multiples of this. */
    int sizeMultiple();

    /** Width and height of an image must be at least this. */
    int smallestSize();

    /**
     * What the tensors of a state dict say about the generator if it is of this architecture, or
     * empty when there is no first convolution. Whether all tensors fit is for {@link
     * GeneratorSpec#firstMisfit} to check.
     */
    Optional<GeneratorSpec> infer(Map<String, Tensor> state);

    /** The weight of the first convolution: [filters, input channels, k, k]. */
    String firstKey();

    /** The architecture that a state dict is of, if it is one of the known ones. */
    static Optional<Architecture> recognize(Map<String, Tensor> state) {
        Stream<Architecture> unets = IntStream.rangeClosed(2, 16).mapToObj(Unet::new);
        Stream<Architecture> resnets = IntStream.rangeClosed(1, 30).mapToObj(Resnet::new);
        return Stream.concat(unets, resnets)
                .filter(each -> each.infer(state).flatMap(s -> s.firstMisfit(state)).isEmpty())
                .filter(each -> each.infer(state).isPresent())
                .findFirst();
    }

    /**
     * Reads a name: {@code unet_N} with N = 2^levels (unet_256 has 8), {@code resnet_Nblocks}.
     *
     * @throws IllegalArgumentException when there is no such network
     */
    static Architecture parse(String word) {
        Matcher matcher = NAME.matcher(word);
        if (matcher.matches()) {
            if (matcher.group(2) != null) {
                return new Resnet(Integer.parseInt(matcher.group(2)));
            }
            int size = Integer.parseInt(matcher.group(1));
            if (size >= 4 && Integer.bitCount(size) == 1) {
                return new Unet(Integer.numberOfTrailingZeros(size));
            }
        }
        throw new IllegalArgumentException(
                "Expected a network like unet_256, unet_128, resnet_9blocks or resnet_6blocks,"
                        + " found '"
                        + word
                        + "'");
    }
}
