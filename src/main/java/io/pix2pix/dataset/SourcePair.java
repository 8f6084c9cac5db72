package io.pix2pix.dataset;

/**
 * Where the two pictures of a pair are.
 *
 * @param name tells the pair from the others of its dataset
 * @param a holds A, or both side by side
 * @param b holds B; the same file as {@code a} when they are side by side
 */
record SourcePair(String name, SourceFile a, SourceFile b) {}
