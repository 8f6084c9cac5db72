package io.pix2pix.network;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All tensors that going on with a training needs: both networks with their statistics and
 * counters, and both Adam states.
 *
 * @param tensors {@code G.<key>} and {@code D.<key>} for each key of the state dicts; {@code
 *     G.exp_avg.<parameter>}, {@code G.exp_avg_sq.<parameter>} and the same with {@code D.}; the
 *     steps that Adam took, {@code G.step} and {@code D.step}. In this order, which is fixed. Not
 *     copied: whoever makes a state gives the tensors away
 */
public record TrainingState(Map<String, Tensor> tensors) {
    static final String GENERATOR = "G.";
    static final String DISCRIMINATOR = "D.";
    static final String FIRST_MOMENT = "exp_avg.";
    static final String SECOND_MOMENT = "exp_avg_sq.";
    static final String STEP = "step";

    public TrainingState {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /**
     * The state before the first step.
     *
     * @param seed the same seed gives the same weights
     */
    public static TrainingState initial(
            TrainingSpec spec, Initialization initialization, long seed) {
        return of(spec, null, null, initialization, seed);
    }

    /**
     * The state before the first step of a fine-tuning: moments of 0, and fresh weights for what is
     * not given.
     *
     * @param generator a state dict that fits, or null
     * @param discriminator a state dict that fits, or null
     */
    public static TrainingState of(
            TrainingSpec spec,
            @Nullable Map<String, Tensor> generator,
            @Nullable Map<String, Tensor> discriminator,
            Initialization initialization,
            long seed) {
        // Neighbouring seeds must not share a network's weights, so the second is far from both.
        long other = seed ^ 0x5DEECE66D1234567L;
        Map<String, Tensor> g =
                generator == null
                        ? InitialWeights.draw(spec.generator().layers(), initialization, seed)
                        : spec.generator().ordered(generator);
        Map<String, Tensor> d =
                discriminator == null
                        ? InitialWeights.draw(spec.discriminator().layers(), initialization, other)
                        : spec.discriminator().ordered(discriminator);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        g.forEach((key, tensor) -> tensors.put(GENERATOR + key, tensor));
        d.forEach((key, tensor) -> tensors.put(DISCRIMINATOR + key, tensor));
        putMoments(tensors, GENERATOR, spec.generator(), g);
        putMoments(tensors, DISCRIMINATOR, spec.discriminator(), d);
        tensors.put(GENERATOR + STEP, Tensor.count(0));
        tensors.put(DISCRIMINATOR + STEP, Tensor.count(0));
        return new TrainingState(tensors);
    }

    private static void putMoments(
            Map<String, Tensor> tensors,
            String prefix,
            Network network,
            Map<String, Tensor> state) {
        for (String moment : List.of(FIRST_MOMENT, SECOND_MOMENT)) {
            for (String key : network.parameters()) {
                int[] shape = get(state, key).shape();
                int count = get(state, key).floats().length;
                tensors.put(prefix + moment + key, Tensor.of(new float[count], shape));
            }
        }
    }

    private static Tensor get(Map<String, Tensor> state, String key) {
        Tensor tensor = state.get(key);
        if (tensor == null) {
            throw new IllegalArgumentException("No " + key);
        }
        return tensor;
    }

    /** The generator's state dict, under the reference's keys. */
    public Map<String, Tensor> generator() {
        return stateDict(GENERATOR);
    }

    /** The discriminator's state dict, under the reference's keys. */
    public Map<String, Tensor> discriminator() {
        return stateDict(DISCRIMINATOR);
    }

    private Map<String, Tensor> stateDict(String prefix) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        tensors.forEach(
                (name, tensor) -> {
                    String key = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
                    boolean optimizer =
                            key.startsWith(FIRST_MOMENT)
                                    || key.startsWith(SECOND_MOMENT)
                                    || key.equals(STEP);
                    if (!key.isEmpty() && !optimizer) {
                        state.put(key, tensor);
                    }
                });
        return state;
    }

    /** The names and shapes of such a state, in its order. */
    static Map<String, Network.Entry> entries(TrainingSpec spec) {
        Map<String, Network.Entry> entries = new LinkedHashMap<>();
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put(GENERATOR, spec.generator());
        networks.put(DISCRIMINATOR, spec.discriminator());
        networks.forEach(
                (prefix, network) ->
                        network.entries().forEach((key, e) -> entries.put(prefix + key, e)));
        networks.forEach(
                (prefix, network) -> {
                    Map<String, Network.Entry> own = network.entries();
                    for (String moment : List.of(FIRST_MOMENT, SECOND_MOMENT)) {
                        own.forEach(
                                (key, entry) -> {
                                    if (!entry.buffer()) {
                                        entries.put(prefix + moment + key, entry);
                                    }
                                });
                    }
                });
        networks.forEach(
                (prefix, network) ->
                        entries.put(prefix + STEP, new Network.Entry(List.of(), true, true)));
        return entries;
    }

    /**
     * The first name that does not fit a specification, with what was expected and found; empty
     * when the state can go on under it.
     */
    public Optional<String> firstMisfit(TrainingSpec spec) {
        Map<String, Network.Entry> expected = entries(spec);
        for (Map.Entry<String, Network.Entry> each : expected.entrySet()) {
            Tensor found = tensors.get(each.getKey());
            Network.Entry entry = each.getValue();
            boolean fits =
                    found != null
                            && (entry.counter() ? found.isCount() : found.hasShape(entry.shape()));
            if (!fits) {
                String wanted = entry.counter() ? "int64" : "float32 " + entry.shape();
                return Optional.of(
                        "%s: expected %s, found %s"
                                .formatted(
                                        each.getKey(),
                                        wanted,
                                        found == null ? "no such name" : found.toString()));
            }
        }
        return tensors.keySet().stream()
                .filter(name -> !expected.containsKey(name))
                .findFirst()
                .map(name -> "%s: expected no such name".formatted(name));
    }

    /** The same tensors in the order that all states have. */
    public TrainingState ordered(TrainingSpec spec) {
        Map<String, Tensor> ordered = new LinkedHashMap<>();
        entries(spec).keySet().forEach(name -> ordered.put(name, get(tensors, name)));
        return new TrainingState(ordered);
    }

    /** The steps that were taken. */
    public long steps() {
        return get(tensors, GENERATOR + STEP).count();
    }
}
