package io.pix2pix.network;

import java.util.Locale;

/** How the discriminator's judgement becomes a number to minimize. */
public enum GanLoss {
    /** Cross-entropy on logits (Goodfellow et al. 2014). */
    VANILLA,
    /** Squared distance to 1 and 0 (Mao et al. 2017). */
    LSGAN,
    /** Difference of means with a gradient penalty of weight 10 (Gulrajani et al. 2017). */
    WGANGP;

    /**
     * The name in files and on the command line: {@code vanilla}, {@code lsgan}, {@code wgangp}.
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads what {@link #word()} gives.
     *
     * @throws IllegalArgumentException when there is no such word
     */
    public static GanLoss parse(String word) {
        return Words.parse("loss", values(), GanLoss::word, word);
    }
}
