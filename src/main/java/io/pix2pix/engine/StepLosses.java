package io.pix2pix.engine;

/**
 * What one training step found before it moved the weights.
 *
 * @param discriminatorReal the discriminator's loss on true pairs (not halved)
 * @param discriminatorFake the discriminator's loss on generated pairs (not halved)
 * @param generatorGan the generator's loss by the discriminator's judgement
 * @param generatorL1 the mean absolute distance to the targets, times the specification's lambda
 */
public record StepLosses(
        double discriminatorReal,
        double discriminatorFake,
        double generatorGan,
        double generatorL1) {

    /** Whether all are numbers; when one is not, the weights are of no use any more. */
    public boolean isFinite() {
        return Double.isFinite(discriminatorReal + discriminatorFake + generatorGan + generatorL1);
    }
}
