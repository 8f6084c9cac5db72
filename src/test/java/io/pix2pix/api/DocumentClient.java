package io.pix2pix.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A Kafka client that is told where the AsyncAPI document is and nothing else: brokers, topics and
 * schemas are from there.
 */
final class DocumentClient {
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final URI uri;
    private final JsonNode document;

    DocumentClient(URI uri) throws Exception {
        this.uri = uri;
        this.document = fetch(uri);
    }

    /** Writes hand-written JSON, after a look at the schema. */
    void write(String title, String key, String value) throws Exception {
        assertThat(check(title, json.readTree(value))).isEmpty();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", brokers()),
                        new StringSerializer(),
                        new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic(title), key, value)).get();
        }
    }

    /** Reads a topic from its beginning until the condition holds; each value fits its schema. */
    List<JsonNode> read(String title, String key, Predicate<List<JsonNode>> enough)
            throws Exception {
        List<JsonNode> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                brokers(),
                                "group.id",
                                UUID.randomUUID().toString(),
                                "auto.offset.reset",
                                "earliest",
                                "isolation.level",
                                "read_committed"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.subscribe(List.of(topic(title)));
            long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (!enough.test(values) && System.nanoTime() < deadline) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.key().equals(key)) {
                        JsonNode value = json.readTree(record.value());
                        assertThat(check(title, value)).isEmpty();
                        values.add(value);
                    }
                }
            }
        }
        assertThat(enough.test(values)).describedAs("%s", values).isTrue();
        return values;
    }

    private String brokers() {
        return document.at("/servers/kafka/variables/bootstrap/default").asText();
    }

    private JsonNode channel(String title) {
        for (JsonNode channel : document.path("channels")) {
            if (channel.path("title").asText().equals(title)) {
                return channel;
            }
        }
        throw new AssertionError("No channel " + title);
    }

    private String topic(String title) {
        String prefix = follow(channel(title).at("/parameters/prefix")).path("default").asText();
        return channel(title).path("address").asText().replace("{prefix}", prefix);
    }

    private List<String> check(String title, JsonNode value) {
        JsonNode message = follow(channel(title).path("messages").elements().next());
        URI schema = uri.resolve(message.at("/payload/schema/$ref").asText());
        return JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(schema)
                .validate(value)
                .stream()
                .map(Object::toString)
                .toList();
    }

    private JsonNode follow(JsonNode node) {
        return node.has("$ref")
                ? follow(document.at(node.path("$ref").asText().substring(1)))
                : node;
    }

    private JsonNode fetch(URI from) throws Exception {
        return json.readTree(
                http.send(HttpRequest.newBuilder(from).build(), BodyHandlers.ofString()).body());
    }
}
