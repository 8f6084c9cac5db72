package io.pix2pix.training;

import io.pix2pix.event.TrainingEvent;
import io.pix2pix.image.Pixels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How near a generated picture is to its target.
 *
 * @param l1 mean absolute difference on the scale [-1, 1], that is of the levels divided by 127.5
 * @param psnr peak signal-to-noise ratio over all channels, peak 255, dB; infinite for equal
 *     pictures
 * @param ssim mean over the channels, see {@link Ssim}
 */
public record ValidationMetrics(double l1, double psnr, double ssim) {
    /** Equal pictures count so much in a mean; two that differ by a single level have about 100. */
    private static final double BEST_PSNR = 100;

    /**
     * Compares two pictures of the same size and channels, 8 bits, at least 11 pixels a side.
     *
     * @throws IllegalArgumentException when they are not
     */
    public static ValidationMetrics of(Pixels generated, Pixels target) {
        boolean comparable =
                generated.bits() == 8
                        && target.bits() == 8
                        && generated.width() == target.width()
                        && generated.height() == target.height()
                        && generated.channels() == target.channels()
                        && Ssim.fits(target.width(), target.height());
        if (!comparable) {
            throw new IllegalArgumentException(
                    "Cannot compare %s with %s".formatted(generated, target));
        }
        byte[] a = generated.bytes();
        byte[] b = target.bytes();
        long absolute = 0;
        long squares = 0;
        for (int i = 0; i < a.length; i++) {
            int difference = (a[i] & 0xFF) - (b[i] & 0xFF);
            absolute += Math.abs(difference);
            squares += (long) difference * difference;
        }
        double meanSquare = (double) squares / a.length;
        double ssim = 0;
        for (int c = 0; c < target.channels(); c++) {
            ssim += Ssim.of(generated, target, c);
        }
        return new ValidationMetrics(
                absolute / 127.5 / a.length,
                10 * Math.log10(255 * 255 / meanSquare),
                ssim / target.channels());
    }

    /**
     * Means over some pictures, each counting as much as another.
     *
     * @param all at least one
     * @param samples URI of the sample sheet; null for none
     */
    public static TrainingEvent.Metrics mean(
            List<ValidationMetrics> all, @Nullable String samples) {
        if (all.isEmpty()) {
            throw new IllegalArgumentException("No pictures to take the mean of");
        }
        return new TrainingEvent.Metrics(
                all.stream().mapToDouble(ValidationMetrics::l1).average().orElseThrow(),
                all.stream()
                        .mapToDouble(m -> Math.min(m.psnr(), BEST_PSNR))
                        .average()
                        .orElseThrow(),
                all.stream().mapToDouble(ValidationMetrics::ssim).average().orElseThrow(),
                samples);
    }
}
