package io.pix2pix.network;

import java.util.Locale;

/** The numbers that convolutions compute in when training. */
public enum Precision {
    FLOAT32,
    /** Convolutions only; weights, norms, losses and moments stay float32. Meant for GPUs. */
    BFLOAT16;

    /** The name in files and on the command line: {@code float32}, {@code bfloat16}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads what {@link #word()} gives.
     *
     * @throws IllegalArgumentException when there is no such word
     */
    public static Precision parse(String word) {
        return Words.parse("precision", values(), Precision::word, word);
    }
}
