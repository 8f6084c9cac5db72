package io.pix2pix.testing;

import io.pix2pix.storage.StorageSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands before an S3 server that has one object which it can never read: 500 to every GET. */
public final class FailingObject implements AutoCloseable {
    private static final byte[] ANSWER =
            ("HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 78\r\n\r\n"
                            + "<Error><Code>InternalError</Code><Message>its disk is broken</Message></Error>")
                    .getBytes(StandardCharsets.ISO_8859_1);

    private final ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final StorageSettings server;
    private final String path;

    /**
     * @param path part of the object's path that no other has
     */
    public FailingObject(StorageSettings server, String path) throws IOException {
        this.server = server;
        this.path = path;
        threads.execute(this::accept);
    }

    /** How to reach the server through this. */
    public StorageSettings settings() {
        return new StorageSettings(
                Optional.of(URI.create("http://127.0.0.1:" + listener.getLocalPort())),
                server.region(),
                server.pathStyle(),
                server.accessKey(),
                server.secretKey(),
                server.allow(),
                server.allowRead(),
                server.allowWrite(),
                server.allowModels(),
                server.connectTimeout(),
                server.readTimeout(),
                server.writeTimeout(),
                2,
                server.budget(),
                server.maxConnections(),
                server.checksums());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    /** One request; then the connection ends. */
    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            if (head.startsWith("GET ") && head.split("\r\n", 2)[0].contains(path)) {
                client.getOutputStream().write(ANSWER);
            } else if (!head.isEmpty()) {
                pass(client, head);
            }
        } catch (IOException e) {
            // The client gave up or the server closed first, as either may.
            return;
        }
    }

    private void pass(Socket client, String head) throws IOException {
        int port = server.endpoint().orElseThrow().getPort();
        try (Socket real = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String alone =
                    head.replaceAll("(?i)\r\nConnection:[^\r]*", "")
                            .replaceFirst("\r\n", "\r\nConnection: close\r\n");
            real.getOutputStream().write(alone.getBytes(StandardCharsets.ISO_8859_1));
            threads.execute(() -> copy(client, real));
            real.getInputStream().transferTo(client.getOutputStream());
            client.shutdownOutput();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            OutputStream out = to.getOutputStream();
            from.getInputStream().transferTo(out);
        } catch (IOException e) {
            // Closed, since the answer is complete.
            return;
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int end = 0;
        while (end < 4) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.write(b);
            end = b == '\r' || b == '\n' ? end + 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
