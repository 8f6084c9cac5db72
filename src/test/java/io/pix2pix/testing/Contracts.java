package io.pix2pix.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * What the AsyncAPI document says of the topics, to hold records to: their headers, their keys and
 * their values, in which nothing may be that no schema describes.
 */
public final class Contracts {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchemaFactory SCHEMAS =
            JsonSchemaFactory.getInstance(VersionFlag.V202012);

    /** By topic, without the prefix. */
    private final Map<String, Contract> topics = new TreeMap<>();

    /**
     * @param value null where any bytes may be
     * @param fromUsers whether users write it: what they get wrong is theirs, and they need no
     *     headers
     */
    private record Contract(List<JsonSchema> headers, JsonSchema value, boolean fromUsers) {}

    public Contracts() {
        JsonNode document = resource("asyncapi.json");
        for (JsonNode channel : document.path("channels")) {
            JsonNode message =
                    follow(document, channel.path("messages").elements().next().path("$ref"));
            List<JsonSchema> headers = new ArrayList<>();
            for (JsonNode trait : message.path("traits")) {
                headers.add(
                        SCHEMAS.getSchema(follow(document, trait.path("$ref")).path("headers")));
            }
            String file = message.at("/payload/schema/$ref").asText();
            topics.put(
                    channel.path("title").asText(),
                    new Contract(
                            headers,
                            file.isEmpty() ? null : SCHEMAS.getSchema(closed(resource(file))),
                            headers.isEmpty()));
        }
    }

    /** The topics' names, without the prefix. */
    public Iterable<String> topics() {
        return topics.keySet();
    }

    /** What is wrong with a record, in sentences; nothing for one that a user wrote. */
    public List<String> violations(String topic, ConsumerRecord<String, byte[]> record) {
        Contract contract = Objects.requireNonNull(topics.get(topic), topic);
        ObjectNode headers = JSON.createObjectNode();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        if (contract.fromUsers() && !headers.has("ce_id")) {
            return List.of();
        }
        List<String> wrong = new ArrayList<>();
        for (JsonSchema schema : contract.headers()) {
            schema.validate(headers).forEach(m -> wrong.add("headers " + m.getMessage()));
        }
        if (contract.value() != null) {
            try {
                JsonNode value = JSON.readTree(record.value());
                for (ValidationMessage m : contract.value().validate(value)) {
                    wrong.add("value " + m.getMessage() + " in " + value);
                }
                if (!value.path("jobId").asText().equals(record.key())) {
                    wrong.add("the key is " + record.key() + " in " + value);
                }
            } catch (IOException e) {
                wrong.add("no JSON: " + e.getMessage());
            }
        }
        return wrong;
    }

    private static JsonNode follow(JsonNode document, JsonNode ref) {
        JsonNode found = document.at(ref.asText().substring(1));
        return found.has("$ref") ? follow(document, found.path("$ref")) : found;
    }

    /** The schema with its references put in, in which what is not described must not be. */
    private static JsonNode closed(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            if (object.path("$ref").asText().endsWith(".json")) {
                return closed(resource("schemas/" + object.path("$ref").asText()));
            }
            ObjectNode copy = JSON.createObjectNode();
            object.properties().forEach(e -> copy.set(e.getKey(), closed(e.getValue())));
            boolean describes =
                    copy.path("type").asText().equals("object") && copy.has("properties");
            if (describes && !copy.has("additionalProperties")) {
                copy.put("additionalProperties", false);
            }
            return copy;
        } else if (schema instanceof ArrayNode array) {
            ArrayNode copy = JSON.createArrayNode();
            array.forEach(each -> copy.add(closed(each)));
            return copy;
        }
        return schema;
    }

    private static JsonNode resource(String name) {
        try (InputStream in = Contracts.class.getClassLoader().getResourceAsStream(name)) {
            return JSON.readTree(Objects.requireNonNull(in, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
