package io.pix2pix.training;

import io.pix2pix.network.TrainingState;

/**
 * What a training begins with.
 *
 * @param state all tensors
 * @param progress how far it is: the beginning, or where another job's checkpoint was
 */
public record StartingPoint(TrainingState state, Progress progress) {}
