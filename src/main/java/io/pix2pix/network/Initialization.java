package io.pix2pix.network;

import java.util.Locale;

/** How kernels are drawn before training, as in the reference (gain 0.02 where there is one). */
public enum Initialization {
    /** N(0, 0.02). */
    NORMAL,
    /** N(0, 0.02 * sqrt(2 / (fan in + fan out))) (Glorot and Bengio 2010). */
    XAVIER,
    /** N(0, sqrt(2 / fan in)) (He et al. 2015). */
    KAIMING,
    /** Orthogonal rows or columns, times 0.02 (Saxe et al. 2013). */
    ORTHOGONAL;

    /**
     * The name in files and on the command line: {@code normal}, {@code xavier}, {@code kaiming},
     * {@code orthogonal}.
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads what {@link #word()} gives.
     *
     * @throws IllegalArgumentException when there is no such word
     */
    public static Initialization parse(String word) {
        return Words.parse("initialization", values(), Initialization::word, word);
    }
}
