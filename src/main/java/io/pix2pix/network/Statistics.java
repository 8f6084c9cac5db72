package io.pix2pix.network;

import java.util.Locale;

/** Which mean and variance a norm layer takes when the network runs. */
public enum Statistics {
    /** Those stored in training (batch norm only). */
    RUNNING,
    /** Each image's own, then the learned scale and shift; the reference's at batch size 1. */
    INSTANCE,
    /**
     * Those of the whole batch, as in a training step. Never for translating: a result would depend
     * on its neighbours.
     */
    BATCH;

    /** The name in files and on the command line: {@code running}, {@code instance}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads what {@link #word()} gives.
     *
     * @throws IllegalArgumentException when there is no such word
     */
    public static Statistics parse(String word) {
        for (Statistics each : values()) {
            if (each.word().equals(word)) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "Expected normalization running or instance, found '" + word + "'");
    }
}
