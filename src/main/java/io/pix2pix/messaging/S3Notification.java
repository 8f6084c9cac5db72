package io.pix2pix.messaging;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.Json;
import io.pix2pix.storage.S3Uri;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what storage says about new objects, in each of the forms in which it comes to a topic:
 * S3's own message ({@code Records}, the event message structure 2.x, which other servers write,
 * too), that message inside an SNS notification, and EventBridge's ({@code detail}).
 */
final class S3Notification {
    private S3Notification() {}

    /**
     * An object that was written.
     *
     * @param etag without quotes; null where storage gives none
     * @param size bytes; -1 where storage gives none
     * @param sequencer orders the writes of one key, see {@link
     *     io.pix2pix.event.TaskEvent.Arrival}; empty where storage gives none
     */
    record Created(S3Uri uri, @Nullable String etag, long size, String sequencer) {}

    /**
     * The objects that a message says were created; none when it is about other things.
     *
     * @throws IllegalArgumentException when it is no such message, saying why
     */
    static List<Created> read(byte[] message) {
        JsonNode tree;
        try {
            tree = Json.mapper().readTree(message);
            if (tree != null && tree.path("Message").isTextual()) {
                tree = Json.mapper().readTree(tree.path("Message").asText());
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(Json.brief("No JSON: " + e.getMessage()), e);
        }
        List<Created> created = new ArrayList<>();
        if (tree != null && tree.path("Records").isArray()) {
            for (JsonNode record : tree.path("Records")) {
                if (record.path("eventName")
                        .asText()
                        .replace("s3:", "")
                        .startsWith("ObjectCreated:")) {
                    String key = record.at("/s3/object/key").asText();
                    created.add(
                            created(
                                    record.at("/s3/bucket/name").asText(),
                                    URLDecoder.decode(key, StandardCharsets.UTF_8),
                                    record.at("/s3/object/eTag"),
                                    record.at("/s3/object")));
                }
            }
        } else if (tree != null && tree.path("detail").path("object").isObject()) {
            if (tree.path("detail-type").asText().equals("Object Created")) {
                created.add(
                        created(
                                tree.at("/detail/bucket/name").asText(),
                                tree.at("/detail/object/key").asText(),
                                tree.at("/detail/object/etag"),
                                tree.at("/detail/object")));
            }
        } else if (tree == null || !tree.path("Event").asText().equals("s3:TestEvent")) {
            throw new IllegalArgumentException(
                    "Expected an S3 event notification: an object with \"Records\" or \"detail\"");
        }
        return created;
    }

    private static Created created(String bucket, String key, JsonNode etag, JsonNode object) {
        if (bucket.isEmpty() || key.isEmpty()) {
            throw new IllegalArgumentException(
                    "Expected a bucket's name and an object's key, found '%s' and '%s'"
                            .formatted(Json.brief(bucket), Json.brief(key)));
        }
        String tag = etag.asText().replace("\"", "");
        return new Created(
                S3Uri.parse("s3://" + bucket + "/" + key),
                tag.isEmpty() ? null : tag,
                object.path("size").asLong(-1),
                object.path("sequencer").asText());
    }
}
