package io.pix2pix.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** Where a worker's health, metrics and REST API are reached. */
final class HttpPort {
    private static final Logger LOG = Logger.getLogger(HttpPort.class);
    private static final String PROPERTY = "quarkus.http.port";
    private static final String APPLICATION = "application.properties";

    private HttpPort() {}

    /**
     * A second worker on this machine takes any free port, rather than failing over one that nobody
     * chose; a port that somebody chose is left to fail.
     */
    static void chooseUnlessSet() {
        var port = ConfigProvider.getConfig().getConfigValue(PROPERTY);
        boolean chosen =
                port.getSourceName() != null && !port.getSourceName().contains(APPLICATION);
        if (!chosen && port.getValue() != null && isTaken(Integer.parseInt(port.getValue()))) {
            LOG.infof("Port %s is in use; taking a free one (%s)", port.getValue(), PROPERTY);
            System.setProperty(PROPERTY, "0");
        }
    }

    private static boolean isTaken(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
