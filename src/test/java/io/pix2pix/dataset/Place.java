package io.pix2pix.dataset;

import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.image.Pixels;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.Pictures;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/** A dataset in a real store, and what a test puts there. */
final class Place {
    static final Clock CLOCK = Clock.fixed(Instant.parse("2025-05-05T05:05:05Z"), ZoneOffset.UTC);

    record Config(OptionalLong memoryBytes, Optional<String> cacheDirectory, long cacheBytes)
            implements DatasetConfig {
        @Override
        public int fetchThreads() {
            return 4;
        }

        @Override
        public int checkThreads() {
            return 4;
        }

        @Override
        public long maxImageBytes() {
            return 1 << 20;
        }

        @Override
        public long maxImagePixels() {
            return 1_000_000;
        }
    }

    private final ObjectStore store;
    private final S3Uri root;

    /**
     * @param root this test's own
     */
    Place(ObjectStore store, S3Uri root) {
        this.store = store;
        this.root = root;
    }

    ObjectStore store() {
        return store;
    }

    String uri(String below) {
        return root.resolve(below).toString();
    }

    /** Writes or replaces. */
    void put(String below, byte[] content) {
        S3Uri uri = root.resolve(below);
        String type = "application/octet-stream";
        if (store.create(uri, content, type, Map.of()) == ObjectStore.Written.EXISTS) {
            String etag = store.head(uri).orElseThrow().etag();
            store.replace(uri, content, type, Map.of(), etag);
        }
    }

    /** Noise, which no format makes small. */
    static Pixels noise(int width, int height, long seed) {
        byte[] samples = new byte[width * height * 3];
        new Random(seed).nextBytes(samples);
        return Pixels.of8(width, height, 3, samples);
    }

    /** Side-by-side pairs of 40 x 20 pixels: data/p00.png and so on. */
    void putPairs(int count) {
        for (int i = 0; i < count; i++) {
            put("data/p%02d.png".formatted(i), Pictures.png(40, 20, i));
        }
    }

    /**
     * A small job over data/ with validation on val/ where {@code more} says so.
     *
     * @param more further fields, JSON that begins with a comma, or empty
     */
    TrainingJob job(String layout, String training, String more) {
        String json =
                """
                {"jobId": "j", "dataset": {"uri": "%s", "layout": "%s"}, "output": {"uri": "%s"},
                 "training": {"epochs": 2, "decayEpochs": 1, "loadSize": 20, "cropSize": 16 %s} %s}
                """
                        .formatted(uri("data/"), layout, uri("out/"), training, more);
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
    }

    TrainingJob job() {
        return job("side-by-side", "", "");
    }

    static Config config(long memory, Optional<String> directory, long cache) {
        return new Config(OptionalLong.of(memory), directory, cache);
    }
}
