package io.pix2pix.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

    /** The most bytes of a record that a user writes: it is repeated in each of the job's tasks. */
    public static final int MAX_RECORD = 1 << 18;

    /** Checking takes memory for each value that is wrong. */
    private static final int MAX_TOKENS = 10_000;

    /** Things wrong that are told of; the rest is counted. */
    private static final int MAX_WRONG = 20;

    private static final ObjectMapper TREES = Json.trees(MAX_TOKENS);

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
     * @throws IllegalArgumentException naming every field that is missing or wrong by its JSON
     *     path, up to 20 of them
     */
    public <T> T read(byte[] json, Class<T> type) {
        if (json.length > MAX_RECORD) {
            throw new IllegalArgumentException(
                    "Expected at most %d bytes, found %d".formatted(MAX_RECORD, json.length));
        }
        JsonNode tree;
        try {
            tree = TREES.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    Json.brief("No valid JSON: " + firstLine(e.getMessage())), e);
        }
        if (tree == null || !tree.isObject()) {
            throw new IllegalArgumentException(
                    "Expected a JSON object, found "
                            + (tree == null ? "nothing" : tree.getNodeType()));
        }
        List<String> wrong = check(tree);
        if (!wrong.isEmpty()) {
            String more =
                    wrong.size() > MAX_WRONG
                            ? "; and %d more".formatted(wrong.size() - MAX_WRONG)
                            : "";
            String told = wrong.stream().limit(MAX_WRONG).collect(Collectors.joining("; "));
            throw new IllegalArgumentException(Json.brief(told + more));
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
