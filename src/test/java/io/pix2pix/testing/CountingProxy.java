package io.pix2pix.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Stands before an HTTP server, passes everything on and notes each request's first line. */
public final class CountingProxy implements AutoCloseable {
    private static final String END = " HTTP/1.1\r\n";

    private final URI server;
    private final ServerSocket listener;
    private final ExecutorService pumps =
            Executors.newCachedThreadPool(
                    r -> {
                        Thread thread = new Thread(r, "counting-proxy");
                        thread.setDaemon(true);
                        return thread;
                    });
    private final List<String> requests = new CopyOnWriteArrayList<>();

    public CountingProxy(URI server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        pumps.execute(this::accept);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** Method and path of each request since this was asked last. */
    public List<String> take() {
        List<String> taken = List.copyOf(requests);
        requests.clear();
        return taken;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket there = new Socket(server.getHost(), server.getPort());
                StringBuilder line = new StringBuilder();
                pumps.execute(() -> pump(client, there, line));
                pumps.execute(() -> pump(there, client, null));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    /**
     * @param line what may become the first line of a request; null for answers
     */
    private void pump(Socket from, Socket to, @Nullable StringBuilder line) {
        byte[] buffer = new byte[16 << 10];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (line != null) {
                    note(new String(buffer, 0, n, StandardCharsets.ISO_8859_1), line);
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One side has closed, and so does the other.
        }
    }

    private void note(String text, StringBuilder line) {
        for (int i = 0; i < text.length(); i++) {
            line.append(text.charAt(i));
            if (text.charAt(i) == '\n') {
                if (line.toString().endsWith(END)) {
                    requests.add(line.substring(0, line.length() - END.length()));
                }
                line.setLength(0);
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        pumps.shutdownNow();
    }
}
