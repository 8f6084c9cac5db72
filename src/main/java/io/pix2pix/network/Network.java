package io.pix2pix.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A network of the reference implementation: a list of layers, and so a state dict. */
public sealed interface Network permits GeneratorSpec, DiscriminatorSpec {
    String COUNTER = ".num_batches_tracked";

    /** The layers; the order of the weighted ones is the state dict's. */
    List<Layer> layers();

    /** The norm layers it was built with. */
    NormKind norm();

    /** A tensor that the state dict must hold. */
    record Entry(List<Integer> shape, boolean buffer, boolean counter) {
        static Entry parameter(Integer... shape) {
            return new Entry(List.of(shape), false, false);
        }
    }

    /** The state dict's keys with their shapes, in the reference's order. */
    default Map<String, Entry> entries() {
        return entries(layers());
    }

    /** The keys of the tensors that training moves, in the reference's order. */
    default List<String> parameters() {
        return entries().entrySet().stream()
                .filter(each -> !each.getValue().buffer())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The keys of some layers with their shapes, in the reference's order. */
    static Map<String, Entry> entries(List<Layer> layers) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Layer layer : layers) {
            if (layer instanceof Layer.Conv c) {
                entries.put(
                        c.key() + ".weight",
                        Entry.parameter(c.out(), c.in(), c.kernel(), c.kernel()));
                putBias(entries, c.key(), c.bias(), c.out());
            } else if (layer instanceof Layer.ConvTranspose c) {
                entries.put(
                        c.key() + ".weight",
                        Entry.parameter(c.in(), c.out(), c.kernel(), c.kernel()));
                putBias(entries, c.key(), c.bias(), c.out());
            } else if (layer instanceof Layer.Norm n && n.kind() == NormKind.BATCH) {
                entries.put(n.key() + ".weight", Entry.parameter(n.channels()));
                entries.put(n.key() + ".bias", Entry.parameter(n.channels()));
                List<Integer> shape = List.of(n.channels());
                entries.put(n.key() + ".running_mean", new Entry(shape, true, false));
                entries.put(n.key() + ".running_var", new Entry(shape, true, false));
                entries.put(n.key() + COUNTER, new Entry(List.of(), true, true));
            }
        }
        return entries;
    }

    private static void putBias(
            Map<String, Entry> entries, String key, boolean bias, int channels) {
        if (bias) {
            entries.put(key + ".bias", Entry.parameter(channels));
        }
    }

    /**
     * The first key of a state dict that does not fit this network, with what was expected and
     * found; empty when all fit. Counters may be missing or extra, and so may the statistics that
     * old versions of PyTorch stored for instance norms.
     */
    default Optional<String> firstMisfit(Map<String, Tensor> state) {
        Map<String, Entry> expected = entries();
        for (Map.Entry<String, Entry> each : expected.entrySet()) {
            String key = each.getKey();
            if (each.getValue().counter()) {
                continue;
            }
            Tensor found = state.get(key);
            List<Integer> shape = each.getValue().shape();
            if (found == null || !found.hasShape(shape)) {
                return Optional.of(
                        "%s: expected %s, found %s"
                                .formatted(
                                        key,
                                        shape,
                                        found == null ? "no such key" : found.toString()));
            }
        }
        Set<String> known = expected.keySet();
        return state.keySet().stream()
                .filter(key -> !known.contains(key) && !isIgnorable(key))
                .findFirst()
                .map(key -> "%s: expected no such key, found %s".formatted(key, state.get(key)));
    }

    private boolean isIgnorable(String key) {
        boolean statistics = key.endsWith(".running_mean") || key.endsWith(".running_var");
        return key.endsWith(COUNTER) || (norm() == NormKind.INSTANCE && statistics);
    }

    /** The tensors of the state dict in order, with counters that were missing set to 0. */
    default Map<String, Tensor> ordered(Map<String, Tensor> state) {
        Map<String, Tensor> ordered = new LinkedHashMap<>();
        entries()
                .forEach(
                        (key, entry) -> {
                            Tensor found = state.get(key);
                            if (entry.counter()) {
                                boolean usable = found != null && found.isCount();
                                ordered.put(key, usable ? found : Tensor.count(0));
                            } else if (found == null) {
                                throw new IllegalArgumentException("No " + key);
                            } else {
                                ordered.put(key, found);
                            }
                        });
        return ordered;
    }
}
