package io.pix2pix.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server that answers as a test says: for faults that no healthy server shows. */
final class FaultyS3 implements AutoCloseable {
    interface Answer {
        /**
         * @param n how many requests came before
         */
        void to(HttpExchange exchange, int n) throws IOException;
    }

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final HttpServer server;
    private volatile Answer answer = (exchange, n) -> error(exchange, 500, "Unprepared");

    FaultyS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    int n;
                    synchronized (requests) {
                        n = requests.size();
                        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                    }
                    try (exchange;
                            InputStream body = exchange.getRequestBody()) {
                        body.transferTo(java.io.OutputStream.nullOutputStream());
                        answer.to(exchange, n);
                    }
                });
        server.start();
    }

    void answers(Answer answer) {
        this.answer = answer;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Short limits: three tries, 300 ms for the next bytes, 20 s in all. */
    StorageSettings settings() {
        return StorageSettings.at(uri(), "key", "secret")
                .within(Duration.ofMillis(300), Duration.ofSeconds(5), 3, Duration.ofSeconds(20));
    }

    /** Method, path and query of each. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    long count(String start) {
        return requests.stream().filter(request -> request.startsWith(start)).count();
    }

    /** Keeps an answer back until the server is closed. */
    void neverAnswer() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        send(exchange, status, body, body.length);
    }

    /**
     * @param sent so many of the body's bytes are sent in truth
     */
    static void send(HttpExchange exchange, int status, byte[] body, int sent) throws IOException {
        exchange.getResponseHeaders().add("ETag", "\"e1\"");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().add("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (sent > 0) {
            exchange.getResponseBody().write(body, 0, sent);
            exchange.getResponseBody().flush();
        }
    }

    static void error(HttpExchange exchange, int status, String code) throws IOException {
        xml(
                exchange,
                status,
                "<Error><Code>%s</Code><Message>said the server</Message></Error>".formatted(code));
    }

    static void xml(HttpExchange exchange, int status, String body) throws IOException {
        send(exchange, status, body.getBytes(UTF_8));
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
