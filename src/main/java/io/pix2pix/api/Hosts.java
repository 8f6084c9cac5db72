package io.pix2pix.api;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of hosts; none is looked up. */
final class Hosts {
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?");

    private Hosts() {}

    /** Whether only this machine is meant. */
    static boolean isLoopback(@Nullable String host) {
        return host != null && LOOPBACK.matcher(host).matches();
    }
}
