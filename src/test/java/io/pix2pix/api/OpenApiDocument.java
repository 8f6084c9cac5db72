package io.pix2pix.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The OpenAPI document that the application serves, to hold its answers to. */
final class OpenApiDocument {
    private static final JsonSchemaFactory SCHEMAS =
            JsonSchemaFactory.getInstance(VersionFlag.V202012);

    private final ObjectNode document;
    private final Set<String> visited = Collections.synchronizedSet(new TreeSet<>());

    OpenApiDocument(JsonNode document) {
        this.document = document.deepCopy();
        for (JsonNode schema : this.document.at("/components/schemas")) {
            close(schema);
        }
    }

    /** What is not described must not be there. */
    private static void close(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            if (object.path("properties").isObject() && !object.has("additionalProperties")) {
                object.put("additionalProperties", false);
            }
            object.forEach(OpenApiDocument::close);
        }
    }

    /** Every documented operation, such as {@code GET /api/v1/jobs}. */
    Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                            method -> {
                                if (Set.of("get", "post", "put", "delete").contains(method)) {
                                    operations.add(
                                            method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                                }
                            });
        }
        return operations;
    }

    /** Operations that were answered with success. */
    Set<String> visited() {
        return Set.copyOf(visited);
    }

    /** Fails when the answer is not as documented; answers of undocumented paths are problems. */
    void check(String method, String uri, int status, String contentType, JsonNode body) {
        if (status == 304) {
            return;
        }
        String path = uri.replaceAll("\\?.*", "");
        String template = template(method, path);
        if (template == null) {
            if (path.startsWith("/api/") && status < 400) {
                throw new AssertionError(method + " " + path + " is not documented");
            }
            return;
        }
        JsonNode responses =
                document.path("paths")
                        .path(template)
                        .path(method.toLowerCase(Locale.ROOT))
                        .path("responses");
        JsonNode documented =
                responses.has(String.valueOf(status))
                        ? responses.path(String.valueOf(status))
                        : responses.path("default");
        String what = "%s %s answered %d %s %s".formatted(method, uri, status, contentType, body);
        if (documented.isMissingNode()) {
            throw new AssertionError(what + "; documented are " + responses);
        }
        JsonNode content = documented.path("content");
        String media = contentType.replaceAll(";.*", "");
        if (status == 204) {
            visited.add(method + " " + template);
            return;
        }
        JsonNode schema =
                content.has(media)
                        ? content.path(media)
                        : content.path(media.replaceAll("/.*", "/*"));
        if (schema.isMissingNode()) {
            throw new AssertionError(what + "; documented are " + content);
        }
        List<String> wrong =
                schema.has("schema") ? violations(schema.path("schema"), body) : List.of();
        if (!wrong.isEmpty()) {
            throw new AssertionError(what + "; the document says: " + wrong);
        }
        if (status < 300) {
            visited.add(method + " " + template);
        }
    }

    private List<String> violations(JsonNode schema, JsonNode body) {
        if (body.isMissingNode()) {
            return List.of();
        }
        ObjectNode whole = schema.deepCopy();
        whole.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        whole.set("components", document.path("components"));
        return SCHEMAS.getSchema(whole).validate(body).stream()
                .map(ValidationMessage::getMessage)
                .toList();
    }

    /** The documented path that is meant; the one with the fewest parameters. */
    private String template(String method, String path) {
        List<String> found = new ArrayList<>();
        for (String operation : operations()) {
            String[] parts = operation.split(" ");
            String regex = Pattern.quote(parts[1]).replaceAll("\\{[^}]*}", "\\\\E[^/]+\\\\Q");
            if (parts[0].equals(method) && path.matches(regex)) {
                found.add(parts[1]);
            }
        }
        found.sort(
                java.util.Comparator.comparingLong(t -> t.chars().filter(c -> c == '{').count()));
        return found.isEmpty() ? null : found.get(0);
    }
}
