package io.pix2pix.network;

/**
 * The reference's learning rate: constant for some epochs, then linear to zero.
 *
 * @param rate the rate at the start, above 0
 * @param epochs epochs at this rate
 * @param decayEpochs epochs in which it falls
 */
public record LinearDecay(double rate, int epochs, int decayEpochs) {
    public LinearDecay {
        if (!Double.isFinite(rate) || rate <= 0) {
            throw new IllegalArgumentException("The learning rate must be above 0, found " + rate);
        }
        if (epochs < 0 || decayEpochs < 0 || epochs + (long) decayEpochs < 1) {
            throw new IllegalArgumentException(
                    "Epochs must not be negative, and one of them more than 0; found %d and %d to decay"
                            .formatted(epochs, decayEpochs));
        }
    }

    /**
     * The rate of the next epoch.
     *
     * @param finishedEpochs epochs that are over, from 0 on
     */
    public double rate(int finishedEpochs) {
        return rate * (1 - Math.max(0, finishedEpochs - epochs) / (decayEpochs + 1.0));
    }
}
