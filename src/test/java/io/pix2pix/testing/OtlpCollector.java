package io.pix2pix.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/**
 * Takes traces by OTLP over HTTP and keeps them. Reads of the protobuf messages
 * (opentelemetry-proto, trace.proto) what tests ask for, by the numbers of their fields.
 */
public final class OtlpCollector implements AutoCloseable {
    /** A span; identifiers in hex, the parent's empty without one. */
    public record Span(
            String traceId,
            String spanId,
            String parentId,
            String name,
            List<String> links,
            Map<String, String> attributes,
            boolean failed) {
        /** As records and links name it. */
        public String context() {
            return traceId + "-" + spanId;
        }
    }

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();

    public OtlpCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    /** Where to send traces. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:%d/v1/traces".formatted(server.getAddress().getPort()));
    }

    /** All that came so far. */
    public List<Span> spans() {
        return List.copyOf(spans);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            InputStream body = exchange.getRequestBody();
            boolean zipped =
                    "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            byte[] bytes = (zipped ? new GZIPInputStream(body) : body).readAllBytes();
            for (byte[] resource : Message.of(bytes).parts(1)) {
                for (byte[] scope : Message.of(resource).parts(2)) {
                    Message.of(scope).parts(2).forEach(span -> spans.add(span(Message.of(span))));
                }
            }
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private static Span span(Message span) {
        Map<String, String> attributes = new HashMap<>();
        for (byte[] part : span.parts(9)) {
            Message attribute = Message.of(part);
            Message value = Message.of(attribute.parts(2).get(0));
            attributes.put(
                    attribute.text(1),
                    value.parts(1).isEmpty() ? String.valueOf(value.number(3)) : value.text(1));
        }
        List<String> links =
                span.parts(13).stream()
                        .map(Message::of)
                        .map(link -> link.hex(1) + "-" + link.hex(2))
                        .toList();
        boolean failed = span.parts(15).stream().anyMatch(s -> Message.of(s).number(3) == 2);
        return new Span(
                span.hex(1), span.hex(2), span.hex(4), span.text(5), links, attributes, failed);
    }

    /** A message's fields by number. */
    private record Message(Map<Integer, List<byte[]>> bytes, Map<Integer, Long> numbers) {
        static Message of(byte[] encoded) {
            Message message = new Message(new HashMap<>(), new HashMap<>());
            ByteBuffer in = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                long key = varint(in);
                int field = (int) (key >>> 3);
                switch ((int) (key & 7)) {
                    case 0 -> message.numbers.put(field, varint(in));
                    case 1 -> message.numbers.put(field, in.getLong());
                    case 2 -> {
                        byte[] part = new byte[(int) varint(in)];
                        in.get(part);
                        message.bytes.computeIfAbsent(field, f -> new ArrayList<>()).add(part);
                    }
                    case 5 -> message.numbers.put(field, (long) in.getInt());
                    default -> throw new IllegalArgumentException("No protobuf: key " + key);
                }
            }
            return message;
        }

        private static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = in.get();
                value |= (long) (next & 127) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }

        List<byte[]> parts(int field) {
            return bytes.getOrDefault(field, List.of());
        }

        String text(int field) {
            return parts(field).isEmpty()
                    ? ""
                    : new String(parts(field).get(0), StandardCharsets.UTF_8);
        }

        String hex(int field) {
            return parts(field).isEmpty() ? "" : HexFormat.of().formatHex(parts(field).get(0));
        }

        long number(int field) {
            return numbers.getOrDefault(field, 0L);
        }
    }
}
