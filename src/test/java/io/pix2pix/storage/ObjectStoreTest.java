package io.pix2pix.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.storage.ObjectStore.Written;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectStoreTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final String TYPE = "application/octet-stream";

    private ObjectStore store;
    private S3Uri prefix;

    @BeforeEach
    void ownPrefix() {
        store = STACK.store();
        prefix = STACK.prefix();
    }

    @Test
    void createsWhatIsNotThereAndLeavesWhatIs() {
        S3Uri uri = prefix.resolve("a");

        assertThat(store.create(uri, bytes("first"), TYPE, Map.of())).isEqualTo(Written.CREATED);
        assertThat(store.create(uri, bytes("second"), TYPE, Map.of())).isEqualTo(Written.EXISTS);

        assertThat(store.read(uri, 100).bytes()).isEqualTo(bytes("first"));
    }

    @Test
    void readsTheFirstBytesAlone() {
        S3Uri uri = prefix.resolve("a");
        store.create(uri, bytes("first and last"), TYPE, Map.of());

        assertThat(store.readHead(uri, 5)).isEqualTo(bytes("first"));
        assertThat(store.readHead(uri, 100)).isEqualTo(bytes("first and last"));
    }

    @Test
    void letsExactlyOneOfManyCreate() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            for (int round = 0; round < 20; round++) {
                S3Uri uri = prefix.resolve("contended-" + round);
                Callable<Written> create =
                        () ->
                                store.create(
                                        uri,
                                        bytes(Thread.currentThread().getName()),
                                        TYPE,
                                        Map.of());
                int created = 0;
                for (Future<Written> written : threads.invokeAll(Collections.nCopies(16, create))) {
                    created += written.get() == Written.CREATED ? 1 : 0;
                }
                assertThat(created).as("round %d", round).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, (16 << 20) + 5, (33 << 20)})
    void createsFilesOfAnySizeOnce(int size, @TempDir Path folder) throws IOException {
        S3Uri uri = prefix.resolve("a");
        byte[] first = new byte[size];
        first[size - 1] = 1;
        Path file = Files.write(folder.resolve("first"), first);
        Path other = Files.write(folder.resolve("second"), new byte[size]);

        assertThat(store.create(uri, file, TYPE, Map.of("by", "us"))).isEqualTo(Written.CREATED);
        assertThat(store.create(uri, other, TYPE, Map.of("by", "them"))).isEqualTo(Written.EXISTS);

        ObjectStore.Content there = store.read(uri, size);
        assertThat(there.bytes()).isEqualTo(first);
        assertThat(there.object().metadata()).isEqualTo(Map.of("by", "us"));
    }

    @Test
    void deletesWhatIsThereAndMindsNothingElse() {
        S3Uri uri = prefix.resolve("a");
        store.create(uri, bytes("first"), TYPE, Map.of());

        store.delete(uri);
        store.delete(uri);

        assertThat(store.head(uri)).isEmpty();
    }

    @Test
    void replacesOnlyWhatItSaw() {
        S3Uri uri = prefix.resolve("a");
        store.create(uri, bytes("first"), TYPE, Map.of());
        String etag = store.head(uri).orElseThrow().etag();

        assertThat(store.replace(uri, bytes("second"), TYPE, Map.of("by", "us"), etag))
                .isEqualTo(Written.CREATED);
        assertThat(store.replace(uri, bytes("third"), TYPE, Map.of(), etag))
                .isEqualTo(Written.EXISTS);
        assertThat(store.replace(prefix.resolve("none"), bytes("x"), TYPE, Map.of(), etag))
                .isEqualTo(Written.EXISTS);

        ObjectStore.Content content = store.read(uri, 100);
        assertThat(content.bytes()).isEqualTo(bytes("second"));
        assertThat(content.object().metadata()).isEqualTo(Map.of("by", "us"));
        assertThat(content.object().etag()).isNotEqualTo(etag).doesNotContain("\"");
    }

    @Test
    void listsInKeyOrderOverPages() {
        List<S3Uri> uris =
                IntStream.range(0, 2001)
                        .mapToObj(i -> prefix.resolve("%04d".formatted(i)))
                        .toList();
        uris.parallelStream().forEach(uri -> store.create(uri, bytes("x"), TYPE, Map.of()));

        try (Stream<StoredObject> all = store.list(prefix, null)) {
            assertThat(all.map(StoredObject::uri)).containsExactlyElementsOf(uris);
        }
        try (Stream<StoredObject> rest = store.list(prefix, prefix.key() + "1249")) {
            assertThat(rest.map(StoredObject::uri))
                    .containsExactlyElementsOf(uris.subList(1250, 2001));
        }
    }

    static Stream<String> keys() {
        return Stream.of(
                "with space.jpg",
                "plus+sign.jpg",
                "100%.jpg",
                "already%20encoded.jpg",
                "ümläut/日本語/😀.jpg",
                "quotes'\"<&>;=?#@:,$!*()[]{}|\\^~`.jpg",
                "..hidden../...jpg",
                "tab\tand\nnewline.jpg",
                ("long/" + "x".repeat(194) + "/").repeat(5).substring(0, 900));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void takesAnyKey(String key) throws IOException {
        S3Uri uri = prefix.resolve(key);
        Map<String, String> metadata = Map.of("input", uri.toString());

        assertThat(store.create(uri, bytes(key), TYPE, metadata)).isEqualTo(Written.CREATED);

        assertThat(store.head(uri).orElseThrow().metadata()).isEqualTo(metadata);
        assertThat(store.read(uri, 10_000).bytes()).isEqualTo(bytes(key));
        try (Stream<StoredObject> listed = store.list(prefix, null)) {
            assertThat(listed.map(StoredObject::uri)).containsExactly(uri);
        }
    }

    @Test
    void takesFolderMarkersThatSomeToolsWrite() {
        store.create(prefix.resolve("folder/"), new byte[0], TYPE, Map.of());
        store.create(prefix.resolve("folder/a"), bytes("x"), TYPE, Map.of());

        assertThat(store.read(prefix.resolve("folder/"), 10).bytes()).isEmpty();
        assertThat(store.head(prefix.resolve("folder/"))).isPresent();
        try (Stream<StoredObject> listed = store.list(prefix, null)) {
            assertThat(listed.map(StoredObject::uri))
                    .containsExactly(prefix.resolve("folder/"), prefix.resolve("folder/a"));
        }
    }

    @Test
    void uploadsLargeFilesInPartsAndDownloadsThemWhole(@TempDir Path folder) throws IOException {
        byte[] content = new byte[(int) PartedUpload.PART * 2 + 12345];
        new Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("large"), content);
        S3Uri uri = prefix.resolve("large");

        store.upload(file, uri, TYPE, Map.of("kind", "größe"));
        StoredObject found = store.download(uri, folder.resolve("new/copy"));

        assertThat(found.size()).isEqualTo(content.length);
        assertThat(found.metadata()).isEqualTo(Map.of("kind", "größe"));
        assertThat(Arrays.equals(Files.readAllBytes(folder.resolve("new/copy")), content)).isTrue();
        try (Stream<Path> left = Files.list(folder.resolve("new"))) {
            assertThat(left).containsExactly(folder.resolve("new/copy"));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
