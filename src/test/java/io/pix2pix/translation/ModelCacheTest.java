package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.TranslationJob.Model;
import io.pix2pix.event.TranslationJob.Normalization;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.SmallDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ModelCacheTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private final List<Inverter> loaded = new ArrayList<>();
    private final ObjectStore store = STACK.store();
    private S3Uri prefix;
    private Path directory;

    @BeforeEach
    void open(@TempDir Path temporary) {
        directory = temporary;
        prefix = STACK.prefix();
    }

    @Test
    void aModelIsDownloadedAndLoadedOnce() {
        Model model = put("a.pt", 1);
        ModelCache cache = cache(2, 1000);

        try (ModelCache.Lease one = cache.acquire(model);
                ModelCache.Lease two = cache.acquire(model)) {
            assertThat(one.generator()).isSameAs(two.generator());
            assertThat(one.sha256())
                    .isEqualTo("4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a");
        }
        cache.acquire(model).close();

        assertThat(loaded).hasSize(1);
        assertThat(loaded.get(0).closed).isFalse();
        assertThat(files()).hasSize(1);
    }

    @Test
    void aModelThatWasReplacedIsLoadedAnew() {
        Model model = put("a.pt", 1);
        ModelCache cache = cache(2, 1000);
        cache.acquire(model).close();

        S3Uri uri = S3Uri.parse(model.uri());
        String etag = store.head(uri).map(StoredObject::etag).orElseThrow();
        store.replace(uri, new byte[] {2}, "application/octet-stream", Map.of(), etag);
        cache.acquire(model).close();

        assertThat(loaded).hasSize(2);
    }

    @Test
    void theLeastRecentlyUsedModelIsClosedButNoneThatIsInUse() {
        Model a = put("a.pt", 1);
        Model b = put("b.pt", 2);
        Model c = put("c.pt", 3);
        ModelCache cache = cache(2, 1000);

        ModelCache.Lease useOfA = cache.acquire(a);
        cache.acquire(b).close();
        cache.acquire(c).close();
        assertThat(closed()).containsExactly(false, true, false);

        ModelCache.Lease useOfC = cache.acquire(c);
        ModelCache.Lease useOfB = cache.acquire(b);
        assertThat(closed()).containsExactly(false, true, false, false);
        useOfA.close();
        useOfA.close();
        assertThat(closed()).containsExactly(true, true, false, false);

        useOfB.close();
        cache.close();
        assertThat(closed()).containsExactly(true, true, false, true);
        useOfC.close();
        assertThat(closed()).containsExactly(true, true, true, true);
    }

    @Test
    void eachNormalizationIsAModelOfItsOwn() {
        Model model = put("a.pt", 1);
        ModelCache cache = cache(2, 1000);

        cache.acquire(model).close();
        cache.acquire(new Model(model.uri(), Normalization.RUNNING)).close();

        assertThat(loaded).hasSize(2);
        assertThat(files()).hasSize(1);
    }

    @Test
    void theLeastRecentlyUsedFilesMakeRoom() {
        ModelCache cache = cache(1, 2);

        for (String name : List.of("a", "b", "c", "a")) {
            cache.acquire(put(name + ".pt", name.charAt(0))).close();
        }

        assertThat(files()).hasSize(2);
        assertThat(loaded).hasSize(4);
    }

    @Test
    void aModelThatHasNoRoomOnTheDiskIsNotFetched() {
        Model model = put("large.pt", 1);

        assertThatThrownBy(() -> cache(1, 0).acquire(model))
                .hasMessageContaining(model.uri() + " has 1 bytes, more than")
                .extracting(e -> ((FailureException) e).failure().code())
                .isEqualTo("MODEL_TOO_LARGE");
    }

    @Test
    void aModelThatIsNotThereOrIsNoneSaysSo() {
        ModelCache cache = cache(1, 1000);
        Model missing = new Model(prefix.resolve("missing.pt").toString(), null);

        assertThatThrownBy(() -> cache.acquire(missing))
                .hasMessageContaining(missing.uri())
                .extracting(e -> ((FailureException) e).failure().code())
                .isEqualTo("MODEL_NOT_FOUND");

        ModelCache picky =
                new ModelCache(
                        new ModelFiles(store, directory, 1000, Workplace.CLOCK),
                        (file, normalization) -> {
                            throw new FailureException(
                                    Failure.permanent(
                                            Stage.MODEL, "NOT_TORCHSCRIPT", file + " is no model"));
                        },
                        1);
        Model bad = put("bad.pt", 1);
        assertThatThrownBy(() -> picky.acquire(bad))
                .hasMessageContaining(bad.uri())
                .extracting(e -> ((FailureException) e).failure().code())
                .isEqualTo("NOT_TORCHSCRIPT");
    }

    @Test
    void aModelForWhichTheDiskHasNoRoomSaysSoAndLeavesNothing() throws Exception {
        S3Uri uri = prefix.resolve("large.pt");
        store.create(uri, new byte[SmallDisk.SIZE / 2], "application/octet-stream", Map.of());
        try (SmallDisk small = SmallDisk.mount()) {
            small.fillUpTo(SmallDisk.SIZE / 4);
            directory = small.folder().resolve("models");

            assertThatThrownBy(() -> cache(1, 1 << 30).acquire(new Model(uri.toString(), null)))
                    .hasMessageContaining(uri.toString())
                    .hasMessageContaining("524288 bytes are needed in " + directory)
                    .satisfies(
                            e -> {
                                Failure failure = ((FailureException) e).failure();
                                assertThat(failure.code()).isEqualTo("DISK_FULL");
                                assertThat(failure.stage()).isEqualTo(Stage.MODEL);
                                assertThat(failure.retriable()).isTrue();
                            });
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void whatKilledProcessesWereDownloadingIsCleanedUp() throws IOException {
        Path old = Files.createFile(directory.resolve("download1.part"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.EPOCH.minusSeconds(7200)));
        Path young = Files.createFile(directory.resolve("download2.part"));

        cache(1, 1000).acquire(put("a.pt", 1)).close();

        assertThat(files()).hasSize(2).contains(young);
    }

    private ModelCache cache(int capacity, long bytes) {
        return new ModelCache(
                new ModelFiles(store, directory, bytes, new Ticking()),
                (file, normalization) -> {
                    Inverter generator = new Inverter();
                    loaded.add(generator);
                    return generator;
                },
                capacity);
    }

    private Model put(String name, int content) {
        S3Uri uri = prefix.resolve(name);
        store.create(uri, new byte[] {(byte) content}, "application/octet-stream", Map.of());
        return new Model(uri.toString(), null);
    }

    private List<Boolean> closed() {
        return loaded.stream().map(g -> g.closed).toList();
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A second later each time it is asked. */
    private static final class Ticking extends Clock {
        private long seconds;

        @Override
        public Instant instant() {
            return Instant.ofEpochSecond(seconds++);
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
