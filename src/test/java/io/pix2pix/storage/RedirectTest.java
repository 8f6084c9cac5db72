package io.pix2pix.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.failure.FailureException;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A storage that sends its clients elsewhere, to where they could be made to ask and to sign. */
@Timeout(60)
class RedirectTest {
    private static final S3Uri OBJECT = S3Uri.parse("s3://b/a");

    private FaultyS3 server;
    private FaultyS3 elsewhere;

    @BeforeEach
    void start() throws IOException {
        server = new FaultyS3();
        elsewhere = new FaultyS3();
        elsewhere.answers((exchange, n) -> FaultyS3.send(exchange, 200, new byte[10]));
    }

    @AfterEach
    void stop() {
        server.close();
        elsewhere.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void isNotFollowed(int status) {
        server.answers(
                (exchange, n) -> {
                    exchange.getResponseHeaders().add("Location", elsewhere.uri() + "/b/a");
                    exchange.getResponseHeaders().add("x-amz-bucket-region", "eu-central-1");
                    FaultyS3.error(exchange, status, "TemporaryRedirect");
                });
        try (ObjectStore store = new ObjectStore(server.settings())) {
            assertThat(catchThrowableOfType(FailureException.class, () -> store.read(OBJECT, 100)))
                    .hasMessageContaining("s3://b/a");
            assertThat(catchThrowableOfType(FailureException.class, () -> store.head(OBJECT)))
                    .isNotNull();
        }
        assertThat(server.requests()).isNotEmpty();
        assertThat(elsewhere.requests()).isEmpty();
    }

    /** The address is in messages. */
    @Test
    void anAddressHasNoPasswordInIt() {
        URI address = URI.create("http://me:s3cret@127.0.0.1:9000");
        assertThatThrownBy(() -> new ObjectStore(StorageSettings.at(address, "key", "secret")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pix2pix.storage.endpoint")
                .hasMessageNotContaining("s3cret");
    }
}
