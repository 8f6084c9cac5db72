package io.pix2pix.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands between workers and a server on this machine and passes bytes on; its connections can be
 * cut. What happens to a connection is {@link #handle}'s to say.
 */
class TcpProxy implements AutoCloseable {
    private static final int BUFFER = 64 << 10;

    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool(TcpProxy::daemon);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile int target;

    TcpProxy() {
        try {
            listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins to pass connections on to this port of this machine. */
    void start(int targetPort) {
        target = targetPort;
        threads.execute(this::accept);
    }

    /** Where the proxy listens. */
    int port() {
        return listener.getLocalPort();
    }

    /** Resets every connection there is; new ones are taken. */
    void cutAll() {
        open.forEach(TcpProxy::reset);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket client) {
        open.add(client);
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            open.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            try {
                handle(client, server);
            } finally {
                open.remove(server);
            }
        } catch (IOException e) {
            // One side is gone, or the server does not run: the client sees its connection closed.
            reset(client);
        } finally {
            open.remove(client);
        }
    }

    /** Serves a connection to its end. */
    void handle(Socket client, Socket server) throws IOException {
        passInBackground(client, client.getInputStream(), server);
        pass(server, server.getInputStream(), client);
    }

    /** Passes bytes on in the background until a side ends. */
    final void passInBackground(Socket from, InputStream in, Socket to) {
        threads.execute(() -> pass(from, in, to));
    }

    private static void pass(Socket from, InputStream in, Socket to) {
        try {
            byte[] buffer = new byte[BUFFER];
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            reset(from);
            reset(to);
        }
    }

    /** Closes with RST rather than FIN. */
    static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is closed already, which is all that is wanted.
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "proxy");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cutAll();
        threads.shutdownNow();
    }
}
