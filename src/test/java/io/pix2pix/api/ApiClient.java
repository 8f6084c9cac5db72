package io.pix2pix.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A client that knows HTTP and JSON and nothing of our code; holds every answer to the OpenAPI. */
final class ApiClient {
    private final URI base;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final OpenApiDocument document;

    /**
     * @param status of the answer
     * @param json the body; missing where it is none
     */
    record Answer(int status, HttpResponse<byte[]> response, JsonNode json) {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        String code() {
            return json.path("code").asText();
        }
    }

    ApiClient(URI base) {
        this.base = base;
        HttpResponse<byte[]> answer =
                send(HttpRequest.newBuilder(base.resolve("/api/v1/openapi?format=json")));
        try {
            this.document = new OpenApiDocument(json.readTree(answer.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    OpenApiDocument document() {
        return document;
    }

    Answer get(String path, String... headers) {
        return ask("GET", path, null, headers);
    }

    Answer post(String path, String body, String... headers) {
        return ask("POST", path, body, headers);
    }

    Answer ask(String method, String path, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(base.resolve(path))
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<byte[]> response = send(request);
        String type = response.headers().firstValue("Content-Type").orElse("");
        JsonNode tree = json.missingNode();
        if (type.contains("json")) {
            try {
                tree = json.readTree(response.body());
            } catch (IOException e) {
                throw new AssertionError(path + ": no JSON: " + text(response), e);
            }
        }
        document.check(method, path, response.statusCode(), type, tree);
        return new Answer(response.statusCode(), response, tree);
    }

    /** The events of a stream until it ends, as {@code name data}. */
    List<String> events(String path, Consumer<String> onEvent) {
        try {
            HttpResponse<java.util.stream.Stream<String>> response =
                    http.send(
                            HttpRequest.newBuilder(base.resolve(path))
                                    .header("Accept", "text/event-stream")
                                    .build(),
                            BodyHandlers.ofLines());
            document.check(
                    "GET",
                    path,
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    json.missingNode());
            List<String> events = new ArrayList<>();
            String[] name = {""};
            response.body()
                    .forEach(
                            line -> {
                                if (line.startsWith("event:")) {
                                    name[0] = line.substring(6).strip();
                                } else if (line.startsWith("data:")) {
                                    String event = name[0] + " " + line.substring(5).strip();
                                    events.add(event);
                                    onEvent.accept(event);
                                }
                            });
            return events;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
