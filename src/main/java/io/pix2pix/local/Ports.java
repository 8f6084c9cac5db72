package io.pix2pix.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;

/** Ports of the loopback interface. */
final class Ports {
    private static final int CONNECT_MILLIS = 200;

    private Ports() {}

    /** One that nobody listens on; somebody else may take it before it is used. */
    static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, loopback())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw LocalFailures.io("find a free port", e);
        }
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
