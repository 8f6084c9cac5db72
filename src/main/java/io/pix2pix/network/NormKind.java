package io.pix2pix.network;

import java.util.Locale;

/** The norm layers a network was built with; it decides which tensors its state dict holds. */
public enum NormKind {
    /** Scale, shift and running statistics; the convolutions before it have no bias. */
    BATCH,
    /** No tensors at all; the convolutions have a bias. */
    INSTANCE;

    /** The reference's name: {@code batch}, {@code instance}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads what {@link #word()} gives.
     *
     * @throws IllegalArgumentException when there is no such word
     */
    public static NormKind parse(String word) {
        for (NormKind each : values()) {
            if (each.word().equals(word)) {
                return each;
            }
        }
        throw new IllegalArgumentException("Expected norm batch or instance, found '" + word + "'");
    }
}
