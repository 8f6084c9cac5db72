package io.pix2pix.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.asyncapi.v3._0_0.model.AsyncAPI;
import com.asyncapi.v3._0_0.model.channel.Channel;
import com.asyncapi.v3._0_0.model.channel.message.Message;
import com.asyncapi.v3._0_0.model.operation.Operation;
import com.asyncapi.v3._0_0.model.server.Server;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pix2pix.event.Schema;
import io.pix2pix.messaging.Topic;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The AsyncAPI document says what is, and is one. */
class AsyncApiTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private static JsonNode document;

    @BeforeAll
    static void read() throws Exception {
        try (InputStream in = AsyncApiTest.class.getResourceAsStream("/asyncapi.json")) {
            document = JSON.readTree(in);
        }
    }

    @Test
    void itIsReadByALibraryOfTheSpecification() throws Exception {
        AsyncAPI read = JSON.treeToValue(document, AsyncAPI.class);
        assertThat(read.getServers().values()).allMatch(Server.class::isInstance);
        assertThat(read.getChannels().values()).allMatch(Channel.class::isInstance);
        assertThat(read.getOperations().values()).allMatch(Operation.class::isInstance);
        assertThat(read.getComponents().getMessages().values()).allMatch(Message.class::isInstance);
    }

    @Test
    void everyTopicIsAChannelAsItIsCreated() {
        Set<String> addresses = new TreeSet<>();
        document.path("channels").forEach(c -> addresses.add(c.path("address").asText()));
        assertThat(addresses)
                .isEqualTo(
                        Arrays.stream(Topic.values())
                                .map(topic -> topic.named("{prefix}"))
                                .collect(Collectors.toCollection(TreeSet::new)));
        for (JsonNode channel : document.path("channels")) {
            Topic topic =
                    Topic.valueOf(
                            channel.path("title")
                                    .asText()
                                    .replace('-', '_')
                                    .toUpperCase(Locale.ROOT));
            assertThat(channel.at("/tags/1/name").asText())
                    .isEqualToIgnoringCase(topic.kind().name());
        }
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryRecordHasItsSchema() {
        Set<String> files = new TreeSet<>();
        for (String ref : document.findValuesAsText("$ref")) {
            if (ref.startsWith("#/")) {
                assertThat(document.at(ref.substring(1)).isMissingNode())
                        .describedAs(ref)
                        .isFalse();
            } else {
                files.add(ref);
            }
        }
        Set<String> records =
                Arrays.stream(Schema.values())
                        // Parts of files and of other records.
                        .filter(s -> s != Schema.MANIFEST_ENTRY && s != Schema.FAILURE)
                        .map(s -> "schemas/" + s.file())
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(files).isEqualTo(records);
    }
}
