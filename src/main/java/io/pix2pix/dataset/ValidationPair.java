package io.pix2pix.dataset;

import io.pix2pix.image.Pixels;

/**
 * A pair to measure on, both pictures resized to cropSize x cropSize, bicubic: what the reference
 * does at test time.
 *
 * @param name of the pair
 * @param input 8 or 16 bits
 * @param target 8 bits, as a generated picture has
 */
public record ValidationPair(String name, Pixels input, Pixels target) {}
