package io.pix2pix.translation;

/** The steps of an image's way, as their times are reported. */
public enum Step {
    FETCH,
    DECODE,
    RESIZE,
    GENERATE,
    ENCODE,
    PUT
}
