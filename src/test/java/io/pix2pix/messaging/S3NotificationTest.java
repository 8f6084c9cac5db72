package io.pix2pix.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.pix2pix.event.Json;
import io.pix2pix.messaging.S3Notification.Created;
import io.pix2pix.storage.S3Uri;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms are those that the Amazon S3 user guide shows, with names of our own. */
class S3NotificationTest {
    private static final String RECORDS =
            """
            {"Records": [
              {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
               "s3": {"s3SchemaVersion": "1.0",
                      "bucket": {"name": "photos", "arn": "arn:aws:s3:::photos"},
                      "object": {"key": "in/a+b%C3%A9%2Bc.png", "size": 1024,
                                 "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                                 "sequencer": "0A1B2C3D4E5F678901"}}},
              {"eventName": "ObjectRemoved:Delete",
               "s3": {"bucket": {"name": "photos"}, "object": {"key": "in/gone.png"}}},
              {"eventName": "s3:ObjectCreated:CompleteMultipartUpload",
               "s3": {"bucket": {"name": "photos"}, "object": {"key": "in/large.png"}}}]}
            """;
    private static final Created FIRST =
            new Created(
                    new S3Uri("photos", "in/a bé+c.png"),
                    "d41d8cd98f00b204e9800998ecf8427e",
                    1024,
                    "0A1B2C3D4E5F678901");

    @Test
    void ofRecordsThoseCountThatTellOfNewObjects() {
        assertThat(S3Notification.read(RECORDS.getBytes(UTF_8)))
                .containsExactly(
                        FIRST, new Created(new S3Uri("photos", "in/large.png"), null, -1, ""));
    }

    @Test
    void aNotificationOfSnsHoldsTheSame() throws JsonProcessingException {
        String envelope =
                "{\"Type\": \"Notification\", \"Message\": "
                        + Json.mapper().writeValueAsString(RECORDS)
                        + "}";
        assertThat(S3Notification.read(envelope.getBytes(UTF_8))).first().isEqualTo(FIRST);
    }

    @Test
    void eventBridgesKeysAreNotEncoded() {
        String event =
                """
                {"version": "0", "source": "aws.s3", "detail-type": "%s",
                 "detail": {"bucket": {"name": "photos"},
                            "object": {"key": "in/a bé+c.png", "size": 1024,
                                       "etag": "d41d8cd98f00b204e9800998ecf8427e",
                                       "sequencer": "0A1B2C3D4E5F678901"}}}
                """;
        assertThat(S3Notification.read(event.formatted("Object Created").getBytes(UTF_8)))
                .containsExactly(FIRST);
        assertThat(S3Notification.read(event.formatted("Object Deleted").getBytes(UTF_8)))
                .isEmpty();
    }

    @Test
    void aTestEventSaysNothing() {
        String event = "{\"Service\": \"Amazon S3\", \"Event\": \"s3:TestEvent\"}";
        assertThat(S3Notification.read(event.getBytes(UTF_8))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no",
                "[]",
                "{}",
                "{\"Message\": \"hello\"}",
                "{\"Records\": [{\"eventName\": \"ObjectCreated:Put\"}]}",
                "{\"Records\": [{\"eventName\": \"ObjectCreated:Put\", \"s3\": {\"bucket\": {\"name\": \"b\"},"
                        + " \"object\": {\"key\": \"%zz\"}}}]}"
            })
    void anythingElseIsRefused(String message) {
        assertThatThrownBy(() -> S3Notification.read(message.getBytes(UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
