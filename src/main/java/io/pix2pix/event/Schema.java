package io.pix2pix.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The published JSON Schemas of the records (JSON Schema 2020-12), and checking against them. */
public enum Schema {
    TRANSLATION_JOB,
    TRAINING_JOB,
    JOB_COMMAND,
    TRANSLATION_TASK,
    TRAINING_TASK,
    REPORT_TASK,
    TASK_EVENT,
    TRANSLATION_RESULT,
    TRAINING_EVENT,
    JOB_STATUS,
    MANIFEST_ENTRY,
    FAILURE;

    private static final JsonSchemaFactory FACTORY =
            JsonSchemaFactory.getInstance(VersionFlag.V202012);

    private static final Map<Schema, JsonSchema> LOADED = new EnumMap<>(Schema.class);

    static {
        for (Schema schema : values()) {
            LOADED.put(schema, load(schema.file()));
        }
    }

    /** The schema's file name below {@code schemas/} on the class path. */
    public String file() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-') + ".json";
    }

    /**
     * What does not fit of a value.
     *
     * @param path JSON path of the field that is missing or wrong
     * @param message what is expected of it
     */
    public record Violation(String path, String message) {}

    /** Every field that is missing or wrong, in the order of their paths; empty when all fits. */
    public List<Violation> violations(JsonNode value) {
        return loaded().validate(value).stream()
                .map(Schema::violation)
                .distinct()
                .sorted(Comparator.comparing(Violation::path))
                .toList();
    }

    private static Violation violation(ValidationMessage message) {
        String place = message.getInstanceLocation().toString();
        String text = message.getMessage();
        String words = text.startsWith(place + ": ") ? text.substring(place.length() + 2) : text;
        // A missing field is reported at the object that lacks it.
        boolean missing = message.getType().equals("required") && message.getProperty() != null;
        return new Violation(missing ? place + "." + message.getProperty() : place, words);
    }

    /** What does not fit, one sentence each that begins with the JSON path; empty when all does. */
    public List<String> check(JsonNode value) {
        return loaded().validate(value).stream()
                .map(ValidationMessage::getMessage)
                .distinct()
                .toList();
    }

    /**
     * Reads a record that a user wrote.
     *
     * @throws IllegalArgumentException naming every field that is missing or wrong by its JSON path
     */
    public <T> T read(byte[] json, Class<T> type) {
        JsonNode tree;
        try {
            tree = Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException("No valid JSON: " + firstLine(e.getMessage()), e);
        }
        if (tree == null || !tree.isObject()) {
            throw new IllegalArgumentException(
                    "Expected a JSON object, found "
                            + (tree == null ? "nothing" : tree.getNodeType()));
        }
        List<String> wrong = check(tree);
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(wrong.stream().collect(Collectors.joining("; ")));
        }
        return Json.read(json, type);
    }

    private JsonSchema loaded() {
        return Objects.requireNonNull(LOADED.get(this), "every schema is loaded");
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "" : message.lines().findFirst().orElse("");
    }

    private static JsonSchema load(String file) {
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder()
                        .locale(Locale.ENGLISH)
                        .pathType(PathType.JSON_PATH)
                        .build();
        return FACTORY.getSchema(SchemaLocation.of("classpath:schemas/" + file), config);
    }
}
