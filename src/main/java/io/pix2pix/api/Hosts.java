package io.pix2pix.api;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of hosts; none is looked up. */
final class Hosts {
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?");

    /** Browsers take nothing else for a name, either. */
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|.*:.*");

    private Hosts() {}

    /** Whether only this machine is meant. */
    static boolean isLoopback(@Nullable String host) {
        return host != null && LOOPBACK.matcher(host).matches();
    }

    /** Whether it is the number of a host, which nobody can have lead to another. */
    static boolean isAddress(String host) {
        return ADDRESS.matcher(host).matches();
    }
}
