package io.pix2pix.worker;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Where traces go. */
@ConfigMapping(prefix = "pix2pix.tracing")
public interface TracingConfig {
    /**
     * What takes them by OTLP over HTTP, such as {@code http://127.0.0.1:4318/v1/traces}; absent:
     * nothing is traced.
     */
    Optional<URI> endpoint();

    /** The share of new traces that are recorded, 0 to 1. */
    @WithDefault("1.0")
    double share();
}
