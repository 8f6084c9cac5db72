package io.pix2pix.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits of the REST API. */
@ConfigMapping(prefix = "pix2pix.api")
public interface ApiConfig {
    /** Larger image files are not shown, bytes. */
    @WithDefault("33554432")
    long maxImageBytes();

    /** Images of more pixels are not cut or made smaller for showing. */
    @WithDefault("50000000")
    long maxImagePixels();

    /** Streams of events open at once. */
    @WithDefault("200")
    int maxEventStreams();
}
