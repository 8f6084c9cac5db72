package io.pix2pix.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Region;
import io.pix2pix.image.Resize;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Pictures;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class BatchesTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final long MUCH = 1 << 24;

    private Place place;

    @BeforeEach
    void open() {
        place = new Place(STACK.store(), STACK.prefix());
    }

    @Test
    void anEpochHasEachPairOnceAndEachEpochAnotherOrder() throws Exception {
        place.putPairs(7);
        List<PairBatch> all = all(place.job("side-by-side", ", \"batchSize\": 3", ""), 0, 0);

        assertThat(all).extracting(PairBatch::size).containsExactly(3, 3, 1, 3, 3, 1, 3, 3, 1);
        assertThat(all)
                .extracting(b -> b.epoch() + "." + b.step())
                .containsExactly("0.0", "0.1", "0.2", "1.0", "1.1", "1.2", "2.0", "2.1", "2.2");
        Set<List<String>> orders = new HashSet<>();
        for (int epoch = 0; epoch < 3; epoch++) {
            List<String> names = new ArrayList<>();
            all.subList(3 * epoch, 3 * epoch + 3).forEach(b -> names.addAll(b.names()));
            assertThat(names).doesNotHaveDuplicates().hasSize(7);
            orders.add(names);
        }
        assertThat(orders).hasSize(3);
    }

    @Test
    void startingAnywhereGivesTheBatchesOfAnUninterruptedRun() throws Exception {
        place.putPairs(5);
        TrainingJob job = place.job("side-by-side", ", \"batchSize\": 2", "");
        List<PairBatch> all = all(job, 0, 0);

        assertThat(all).hasSize(9);
        for (int from = 0; from < 9; from++) {
            assertSame(all(job, from / 3, from % 3), all.subList(from, 9));
        }
        assertSame(all(job, 0, 3), all.subList(3, 9));
        assertThat(all(job, 3, 0)).isEmpty();
    }

    @Test
    void aPairIsCutAndMirroredAlikeAndAnewInEachEpoch() throws Exception {
        place.put("data/A/p.png", Pictures.png(40, 30, 1));
        place.put("data/B/p.png", Pictures.png(40, 30, 1)); // B is A: so must be their cuts
        TrainingJob job =
                place.job("folders", ", \"epochs\": 40, \"loadSize\": 24, \"cropSize\": 16", "");
        Pixels resized = Resize.bicubic(new Decoder().decode(Pictures.png(40, 30, 1), 3), 24, 24);

        Set<Augmentation> cuts = new HashSet<>();
        for (PairBatch batch : all(job, 0, 0)) {
            assertThat(batch.inputs()).isEqualTo(batch.targets());
            Augmentation cut = Augmentation.of(8, true, 42, batch.epoch(), 0);
            float[] expected = new float[3 * 16 * 16];
            PixelScale.write(resized, cut, 16, expected, 0);
            assertThat(batch.inputs()).isEqualTo(expected);
            cuts.add(cut);
        }
        assertThat(cuts).hasSizeGreaterThan(25);
        assertThat(cuts).extracting(Augmentation::flip).contains(true, false);
    }

    @Test
    void directionAndChannelsAreTheJobs() throws Exception {
        place.putPairs(1);
        byte[] file = Pictures.png(40, 20, 0);
        TrainingJob job =
                place.job(
                        "side-by-side",
                        ", \"loadSize\": 16, \"flip\": false",
                        ", \"generator\": {\"outputChannels\": 1}, \"dataset\": {\"uri\": \"%s\", \"direction\": \"BtoA\"}"
                                .formatted(place.uri("data/")));

        PairBatch batch = all(job, 0, 0).get(0);

        assertThat(batch.inputs()).isEqualTo(half(file, 3, Region.RIGHT));
        assertThat(batch.targets()).isEqualTo(half(file, 1, Region.LEFT));
    }

    @Test
    void sixteenBitsStaySixteenBits() throws Exception {
        byte[] deep = Pictures.of(40, 20, "png", BufferedImage.TYPE_USHORT_GRAY, 1);
        place.put("data/p.png", deep);
        TrainingJob job =
                place.job(
                        "side-by-side",
                        ", \"loadSize\": 16, \"flip\": false",
                        ", \"generator\": {\"inputChannels\": 1, \"outputChannels\": 1}");
        Pixels left = Resize.bicubic(new Decoder().decode(deep, 1, Region.LEFT), 16, 16);
        assertThat(left.bits()).isEqualTo(16);

        for (long memory : new long[] {MUCH, 0}) {
            PairBatch batch = all(job, memory).get(0);

            for (int i = 0; i < 256; i++) {
                float v = left.shorts()[i] & 0xFFFF;
                assertThat(batch.inputs()[i]).isEqualTo((v / 65535 - 0.5f) / 0.5f);
            }
        }
    }

    @Test
    void aDamagedFileEndsTheBatchesWithItsName() throws Exception {
        place.putPairs(3);
        byte[] large = Encoder.jpeg(Place.noise(400, 200, 1), 95);
        byte[] cut = Arrays.copyOf(large, large.length - 1000);
        assertThat(cut.length).as("more than the head that the check sees").isGreaterThan(40_000);
        place.put("data/cut.jpg", cut);
        TrainingJob job = place.job();

        try (PairedDataset dataset = dataset(job, MUCH);
                Batches batches = dataset.batches(0, 0)) {
            Failure failure =
                    catchThrowableOfType(
                                    FailureException.class,
                                    () -> {
                                        while (batches.next() != null) {}
                                    })
                            .failure();
            assertThat(failure.stage()).isEqualTo(Stage.DATASET);
            assertThat(failure.code()).isEqualTo("TRUNCATED");
            assertThat(failure.retriable()).isFalse();
            assertThat(failure.message()).startsWith(place.uri("data/cut.jpg"));
            assertThatThrownBy(batches::next).isInstanceOf(FailureException.class);
        }
    }

    @Test
    void aFileThatIsReplacedMeanwhileEndsTheBatches() throws Exception {
        place.putPairs(3);
        TrainingJob job = place.job();
        try (PairedDataset dataset = dataset(job, MUCH)) {
            place.put("data/p01.png", Pictures.png(40, 20, 77));
            try (Batches batches = dataset.batches(0, 0)) {
                Failure failure =
                        catchThrowableOfType(
                                        FailureException.class,
                                        () -> {
                                            while (batches.next() != null) {}
                                        })
                                .failure();
                assertThat(failure.code()).isEqualTo("DATASET_CHANGED");
                assertThat(failure.retriable()).isFalse();
                assertThat(failure.message()).contains(place.uri("data/p01.png"));
            }
        }
    }

    @Test
    void closingStopsTheThreadsAndWakesTheConsumer() throws Exception {
        place.putPairs(4);
        PairedDataset dataset = dataset(place.job(), MUCH);
        Batches batches = dataset.batches(2, 3);
        assertThat(batches.next()).isNotNull();
        Batches other = dataset.batches(0, 0);
        assertThat(threads()).anyMatch(name -> name.startsWith("dataset-batches"));
        CompletableFuture<Object> woken =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                while (true) {
                                    var unused = other.next();
                                }
                            } catch (InterruptedException | IllegalStateException e) {
                                return e;
                            }
                        });

        dataset.close();

        assertThat(woken.join()).isInstanceOf(IllegalStateException.class);
        Awaitility.await().until(() -> threads().stream().noneMatch(n -> n.startsWith("dataset-")));
        batches.close();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    private static float[] half(byte[] file, int channels, Region region) {
        Pixels half = Resize.bicubic(new Decoder().decode(file, channels, region), 16, 16);
        float[] values = new float[channels * 16 * 16];
        PixelScale.write(half, new Augmentation(0, 0, false), 16, values, 0);
        return values;
    }

    private static void assertSame(List<PairBatch> found, List<PairBatch> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).names()).isEqualTo(expected.get(i).names());
            assertThat(found.get(i).inputs()).isEqualTo(expected.get(i).inputs());
            assertThat(found.get(i).targets()).isEqualTo(expected.get(i).targets());
        }
    }

    private List<PairBatch> all(TrainingJob job, long memory) throws InterruptedException {
        try (PairedDataset dataset = dataset(job, memory)) {
            return all(dataset, 0, 0);
        }
    }

    private List<PairBatch> all(TrainingJob job, int epoch, int step) throws InterruptedException {
        try (PairedDataset dataset = dataset(job, MUCH)) {
            return all(dataset, epoch, step);
        }
    }

    private static List<PairBatch> all(PairedDataset dataset, int epoch, int step)
            throws InterruptedException {
        List<PairBatch> all = new ArrayList<>();
        try (Batches batches = dataset.batches(epoch, step)) {
            for (PairBatch b = batches.next(); b != null; b = batches.next()) {
                all.add(b);
            }
        }
        return all;
    }

    private PairedDataset dataset(TrainingJob job, long memory) {
        Place.Config config = Place.config(memory, Optional.empty(), 0);
        DatasetSummary summary = new DatasetPlanner(place.store(), config).check(job, () -> false);
        return new PairedDatasets(place.store(), config, Place.CLOCK).open(job, summary);
    }
}
