package io.pix2pix.local;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Ports of the loopback interface. */
final class Ports {
    private static final int CONNECT_MILLIS = 200;

    private Ports() {}

    /** One that nobody listens on; somebody else may take it before it is used. */
    static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, loopback())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to find a free port", e);
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
     * @throws FailureException code PORT_IN_USE
     */
    static void requireFree(int port, String server, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(loopback(), port));
        } catch (IOException e) {
            String holder =
                    ServerProcess.folderOfServerOn(port)
                            .map(folder -> "the local server of " + folder)
                            .orElse("another program");
            throw new FailureException(
                    Failure.permanent(
                            Stage.TASK,
                            "PORT_IN_USE",
                            "Port %d, wanted for %s, is in use by %s; stop that or choose another port with %s"
                                    .formatted(port, server, holder, option)),
                    e);
        }
    }

    private static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }
}
