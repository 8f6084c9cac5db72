package io.pix2pix.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback interface. */
public final class Ports {
    private static final int CONNECT_MILLIS = 200;

    /**
     * Of the registered ports (RFC 6335, section 6). Linux gives those from 32,768 on to outgoing
     * connections, one of which could have a server's port when that starts or comes back.
     */
    private static final int FIRST_FREE = 20_000;

    private static final int END_OF_FREE = 32_768;
    private static final int ATTEMPTS = 100;

    private Ports() {}

    /** A random one that nobody listens on; somebody else may take it before it is used. */
    public static int free() {
        IOException last = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_FREE, END_OF_FREE);
            try (ServerSocket socket = new ServerSocket(port, 1, loopback())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                last = e; // taken: another one
            }
        }
        throw LocalFailures.io("find a free port", Objects.requireNonNull(last));
    }

    static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(loopback(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * @param option how the user chooses another
     * @throws io.pix2pix.failure.FailureException code PORT_IN_USE
     */
    static void requireFree(int port, String server, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(loopback(), port));
        } catch (IOException e) {
            String holder =
                    ServerProcess.folderOfServerOn(port)
                            .map(Ports::stackOf)
                            .orElse("another program; stop that");
            throw LocalFailures.of(
                    "PORT_IN_USE",
                    "Port %d, wanted for %s, is in use by %s, or choose another port with %s"
                            .formatted(port, server, holder, option),
                    e);
        }
    }

    private static String stackOf(Path serverFolder) {
        Path stack = serverFolder.getParent();
        return "the local stack in %s; stop that with: scripts/pix2pix local stop --dir %s"
                .formatted(stack, stack);
    }

    private static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }
}
