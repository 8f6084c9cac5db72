package io.pix2pix.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.event.TrainingJob.Direction;
import io.pix2pix.event.TrainingJob.Layout;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Pictures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class PairReaderTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final Place.Config CONFIG = Place.config(0, Optional.empty(), 0);

    private S3Uri prefix;

    @BeforeEach
    void ownPrefix() {
        prefix = STACK.prefix();
    }

    @Test
    void aStorageThatDoesNotAnswerIsRetriableAndNamesTheFile() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        URI nowhere = URI.create("http://127.0.0.1:" + port);
        try (ObjectStore store = new ObjectStore(StorageSettings.at(nowhere, "a", "b"))) {
            SourceFile file = new SourceFile("p.png", "etag", 10);

            Failure failure = failure(store, new SourcePair("p.png", file, file), sideBySide());

            assertThat(failure.stage()).isEqualTo(Stage.DATASET);
            assertThat(failure.code()).isEqualTo("STORAGE_UNAVAILABLE");
            assertThat(failure.retriable()).isTrue();
            assertThat(failure.message()).contains(prefix.resolve("p.png").toString());
        }
    }

    @Test
    void halvesThatAreNotEqualAfterAllAreRefused() {
        SourceFile odd = put("odd.png", Pictures.png(41, 20, 1));
        SourceFile high = put("high.png", Pictures.png(20, 41, 1));
        PairForm folders = new PairForm(Layout.FOLDERS, Direction.A_TO_B, 3, 3, 16);

        Failure oddWidth =
                failure(STACK.store(), new SourcePair("odd.png", odd, odd), sideBySide());
        Failure unequal = failure(STACK.store(), new SourcePair("p", odd, high), folders);

        assertThat(oddWidth.code()).isEqualTo("BAD_PAIRS");
        assertThat(oddWidth.message()).contains("odd.png: expected two halves of equal width");
        assertThat(unequal.code()).isEqualTo("BAD_PAIRS");
        assertThat(unequal.message()).contains("odd.png: expected the size of its other half");
    }

    @Test
    void aFileThatWasDeletedIsAChangeOfTheDataset() {
        SourceFile file = new SourceFile("gone.png", "etag", 10);

        Failure failure =
                failure(STACK.store(), new SourcePair("gone.png", file, file), sideBySide());

        assertThat(failure.code()).isEqualTo("DATASET_CHANGED");
        assertThat(failure.retriable()).isFalse();
        assertThat(failure.message()).contains("gone.png was deleted");
    }

    private SourceFile put(String name, byte[] content) {
        S3Uri uri = prefix.resolve(name);
        STACK.store().create(uri, content, "image/png", Map.of());
        return new SourceFile(name, STACK.store().head(uri).orElseThrow().etag(), content.length);
    }

    private static PairForm sideBySide() {
        return new PairForm(Layout.SIDE_BY_SIDE, Direction.A_TO_B, 3, 3, 16);
    }

    private Failure failure(ObjectStore store, SourcePair pair, PairForm form) {
        PairReader reader = new PairReader(store, CONFIG);
        return catchThrowableOfType(FailureException.class, () -> reader.read(prefix, pair, form))
                .failure();
    }
}
