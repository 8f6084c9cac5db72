package io.pix2pix.faults;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the S3 server, one request a connection, and makes some of them fail. Counts,
 * outside of the system, which objects were written and how often.
 */
final class S3FaultProxy extends TcpProxy {
    private static final int DRAIN_MILLIS = 2000;
    private static final int MAX_HEAD = 64 << 10;

    /** What happens to a request. */
    enum Fault {
        /** 503 SlowDown, the request never reaches the server. */
        THROTTLED,
        /** 500 InternalError, likewise. */
        ERROR,
        /** Connection reset before the server hears of the request. */
        RESET,
        /** The server does what it was asked to, and its answer is lost. */
        ANSWER_LOST,
        /** The answer breaks off after some bytes. */
        CUT_SHORT
    }

    private final Random random;
    private final Map<Fault, Double> shares = new ConcurrentHashMap<>();
    private final Map<Fault, Integer> injected = new EnumMap<>(Fault.class);
    private final Map<String, Integer> writes = new ConcurrentHashMap<>();
    private long requests;

    S3FaultProxy(long seed) {
        random = new Random(seed);
    }

    /** From now on this share of all requests, 0 to 1, meets the fault. */
    void inject(Fault fault, double share) {
        shares.put(fault, share);
    }

    /** From now on nothing fails. */
    void heal() {
        shares.clear();
    }

    /** How often each object, {@code /bucket/key}, was written with success. */
    Map<String, Integer> writes() {
        return Map.copyOf(writes);
    }

    synchronized String summary() {
        return "%d requests, faults %s".formatted(requests, injected);
    }

    @Override
    void handle(Socket client, Socket server) throws IOException {
        InputStream request = new BufferedInputStream(client.getInputStream());
        byte[] head = readHead(request);
        if (head.length == 0) {
            return; // a connection that was opened and never used
        }
        Fault fault = draw();
        if (fault == Fault.RESET) {
            reset(client);
        } else if (fault == Fault.THROTTLED) {
            refuse(client, "503 Slow Down", "SlowDown");
        } else if (fault == Fault.ERROR) {
            refuse(client, "500 Internal Server Error", "InternalError");
        } else {
            exchange(client, request, server, head, fault);
        }
    }

    private void exchange(
            Socket client, InputStream request, Socket server, byte[] head, @Nullable Fault fault)
            throws IOException {
        server.getOutputStream().write(alone(head));
        passInBackground(client, request, server);
        InputStream in = new BufferedInputStream(server.getInputStream());
        OutputStream out = client.getOutputStream();
        byte[] answer = readHead(in);
        if (status(answer) == 100) {
            out.write(answer);
            answer = readHead(in);
        }
        note(head, answer);
        if (fault == Fault.ANSWER_LOST) {
            in.readAllBytes();
            reset(client);
            return;
        }
        out.write(answer);
        byte[] buffer = new byte[8 << 10];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            if (fault == Fault.CUT_SHORT) {
                out.write(buffer, 0, n / 2);
                break;
            }
            out.write(buffer, 0, n);
        }
        client.shutdownOutput();
    }

    private synchronized @Nullable Fault draw() {
        requests++;
        double at = random.nextDouble();
        for (Fault fault : Fault.values()) {
            at -= shares.getOrDefault(fault, 0.0);
            if (at < 0) {
                injected.merge(fault, 1, Integer::sum);
                return fault;
            }
        }
        return null;
    }

    /** A copy or a plain write that succeeded; parts of an upload count when it is completed. */
    private void note(byte[] head, byte[] answer) {
        String[] line = text(head).split("\r\n", 2)[0].split(" ", -1);
        boolean completes = line[0].equals("POST") && line[1].contains("uploadId=");
        boolean writes1 = line[0].equals("PUT") && !line[1].contains("uploadId=");
        if ((completes || writes1) && status(answer) == 200) {
            String path = line[1].split("\\?", 2)[0];
            writes.merge(URLDecoder.decode(path, StandardCharsets.UTF_8), 1, Integer::sum);
        }
    }

    /** The same request, after which the connection ends. */
    private static byte[] alone(byte[] head) {
        String text = text(head).replaceAll("(?i)\r\nConnection:[^\r]*", "");
        return text.replaceFirst("\r\n", "\r\nConnection: close\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void refuse(Socket client, String status, String code) throws IOException {
        String body = "<Error><Code>" + code + "</Code><Message>injected</Message></Error>";
        client.getOutputStream()
                .write(
                        ("HTTP/1.1 %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                                        .formatted(status, body.length(), body))
                                .getBytes(StandardCharsets.ISO_8859_1));
        client.shutdownOutput();
        // What the client is still sending must be taken, or it sees a reset in place of the
        // answer.
        client.setSoTimeout(DRAIN_MILLIS);
        try {
            client.getInputStream().readAllBytes();
        } catch (SocketTimeoutException e) {
            reset(client);
        }
    }

    private static byte[] readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int end = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.write(b);
            end = b == '\n' || b == '\r' ? end + 1 : 0;
            if (end == 4) {
                return head.toByteArray();
            }
            if (head.size() > MAX_HEAD) {
                throw new IOException("A head of more than " + MAX_HEAD + " bytes");
            }
        }
        return new byte[0];
    }

    private static int status(byte[] answer) {
        String[] words = text(answer).split(" ", 3);
        return words.length < 2 ? 0 : Integer.parseInt(words[1]);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
