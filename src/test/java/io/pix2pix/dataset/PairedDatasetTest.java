package io.pix2pix.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Region;
import io.pix2pix.image.Resize;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.SmallDisk;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PairedDatasetTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final long MUCH = 1 << 24;
    private static final int PAIR = 2 * 3 * 20 * 20;
    private static final int PAIR_FILE = PAIR + 40;

    @TempDir private Path disk;
    private Place place;

    @BeforeEach
    void open() {
        place = new Place(STACK.store(), STACK.prefix());
        place.putPairs(6);
    }

    @Test
    void pairsInMemoryAreFetchedOnce() throws Exception {
        try (PairedDataset dataset = open(6 * PAIR, 0)) {
            List<PairBatch> first = all(dataset);
            deleteAll();

            assertSame(all(dataset), first);
        }
        assertThat(kept()).isEmpty();
    }

    @Test
    void whatMemoryDoesNotHoldIsOnTheDiskAndFoundAfterARestart() throws Exception {
        List<PairBatch> first;
        try (PairedDataset dataset = open(2 * PAIR, MUCH)) {
            first = all(dataset);
            assertThat(kept()).hasSize(4).allMatch(f -> f.toFile().length() == PAIR_FILE);
        }
        try (PairedDataset dataset = open(0, MUCH)) {
            assertSame(all(dataset), first);
            assertThat(kept()).hasSize(6);
        }

        try (PairedDataset dataset = open(0, MUCH)) {
            deleteAll();
            assertSame(all(dataset), first);
        }
    }

    @Test
    void aDatasetThatIsClosedLetsItsMemoryGo() throws Exception {
        Place.Config config = Place.config(6 * PAIR, Optional.of(disk.toString()), MUCH);
        PairedDatasets datasets = new PairedDatasets(place.store(), config, Place.CLOCK);
        for (int i = 0; i < 3; i++) {
            try (PairedDataset dataset = datasets.open(place.job(), check(config))) {
                all(dataset);
            }
        }

        assertThat(kept()).isEmpty();
    }

    @Test
    void aDamagedFileOfTheCacheIsDecodedAgain() throws Exception {
        List<PairBatch> first;
        try (PairedDataset dataset = open(0, MUCH)) {
            first = all(dataset);
        }
        List<Path> files = kept();
        byte[] flipped = Files.readAllBytes(files.get(0));
        flipped[500] ^= 1;
        Files.write(files.get(0), flipped);
        Files.write(files.get(1), new byte[100]);
        Files.write(files.get(2), new byte[0]);

        try (PairedDataset dataset = open(0, MUCH)) {
            assertSame(all(dataset), first);
        }
        assertThat(kept()).hasSize(6).allMatch(f -> f.toFile().length() == PAIR_FILE);
    }

    @Test
    void theCacheKeepsToItsSizeAndTheRestIsDecodedAgain() throws Exception {
        try (PairedDataset dataset = open(0, 3 * PAIR_FILE)) {
            List<PairBatch> first = all(dataset);
            assertThat(kept()).hasSize(3);
            assertSame(all(dataset), first);
        }
        assertThat(kept()).hasSize(3);
    }

    @Test
    void setsThatAreNotOpenMakeRoom() throws Exception {
        try (PairedDataset dataset = open(0, 7 * PAIR_FILE)) {
            all(dataset);
        }
        List<Path> before = kept();
        TrainingJob other = place.job("side-by-side", ", \"cropSize\": 20, \"flip\": false", "");
        TrainingJob another = place.job("side-by-side", ", \"loadSize\": 21", "");

        try (PairedDataset dataset = open(other, 0, 7 * PAIR_FILE)) {
            all(dataset);
            assertThat(kept()).as("the same form").isEqualTo(before);
        }
        try (PairedDataset dataset = open(another, 0, 7 * PAIR_FILE)) {
            all(dataset);
        }
        assertThat(kept()).doesNotContainAnyElementsOf(before).hasSizeBetween(5, 6);
    }

    @Test
    void whatAProcessThatDiedWasWritingIsCleanedUp() throws Exception {
        try (PairedDataset dataset = open(0, MUCH)) {
            all(dataset);
        }
        Path folder = Objects.requireNonNull(kept().get(0).getParent());
        Path old = Files.write(folder.resolve("old.part"), new byte[10]);
        Path fresh = Files.write(folder.resolve("fresh.part"), new byte[10]);
        Instant now = Place.CLOCK.instant();
        Files.setLastModifiedTime(old, FileTime.from(now.minusSeconds(7200)));
        Files.setLastModifiedTime(fresh, FileTime.from(now.minusSeconds(60)));

        try (PairedDataset dataset = open(0, MUCH)) {
            assertThat(dataset.summary().pairs()).isEqualTo(6);
            assertThat(kept()).contains(fresh).doesNotContain(old);
        }
    }

    @Test
    void aDiskThatRefusesIsNoReasonToStop() throws Exception {
        Path file = Files.write(disk.resolve("file"), new byte[1]);
        Place.Config config = Place.config(0, Optional.of(file.toString()), MUCH);
        PairedDatasets datasets = new PairedDatasets(place.store(), config, Place.CLOCK);
        try (PairedDataset dataset = datasets.open(place.job(), check(config))) {
            assertThat(all(dataset)).hasSize(18);
        }
    }

    @Test
    void aDiskThatIsFullIsNoReasonToStopAndKeepsNoHalfFiles() throws Exception {
        try (SmallDisk small = SmallDisk.mount()) {
            small.fillUpTo(16 << 10); // some pairs fit, not all
            Place.Config config = Place.config(0, Optional.of(small.folder().toString()), MUCH);
            PairedDatasets datasets = new PairedDatasets(place.store(), config, Place.CLOCK);
            try (PairedDataset dataset = datasets.open(place.job(), check(config))) {
                assertThat(all(dataset)).hasSize(18);
            }
            try (Stream<Path> files = Files.walk(small.folder().resolve("pixels"))) {
                assertThat(files.filter(Files::isRegularFile))
                        .isNotEmpty()
                        .hasSizeLessThan(6)
                        .allSatisfy(file -> assertThat(file).hasSize(PAIR_FILE));
            }
        }
    }

    @Test
    void aDatasetThatChangedIsToldFileByFile() {
        DatasetSummary planned = check(config());
        place.store().delete(S3Uri.parse(place.uri("data/p00.png")));
        place.put("data/new.png", Pictures.png(40, 20, 9));
        place.put("data/p03.png", Pictures.png(40, 20, 10));

        Failure failure = failure(planned, config());

        assertThat(failure.stage()).isEqualTo(Stage.DATASET);
        assertThat(failure.code()).isEqualTo("DATASET_CHANGED");
        assertThat(failure.retriable()).isFalse();
        assertThat(failure.message())
                .contains(place.uri("data/"))
                .contains("1 added (training new.png)")
                .contains("1 removed (training p00.png)")
                .contains("1 replaced (training p03.png)");
    }

    @Test
    void aDatasetThatChangedIsToldInNumbersWhereNoMoreIsKnown() {
        DatasetSummary planned = check(config());
        Place.Config elsewhere =
                Place.config(MUCH, Optional.of(disk.resolve("elsewhere").toString()), MUCH);
        place.put("data/p03.png", Pictures.png(40, 20, 10));
        assertThat(failure(planned, elsewhere).message())
                .contains("names or contents of its 6 pairs and 0 for validation are others");

        place.put("data/new.png", Pictures.png(40, 20, 9));
        assertThat(failure(planned, elsewhere).message())
                .contains("expected 6 pairs and 0 for validation, found 7 pairs");
    }

    @Test
    void validationPairsComeInOrderResizedToTheCropWithTargetsOfEightBits() throws Exception {
        byte[] plain = Pictures.png(40, 20, 50);
        byte[] deep = Pictures.of(40, 20, "png", BufferedImage.TYPE_USHORT_GRAY, 51);
        place.put("val/b.png", plain);
        place.put("val/a.png", deep);
        TrainingJob job =
                place.job(
                        "side-by-side",
                        "",
                        ", \"validation\": {\"uri\": \"%s\"}".formatted(place.uri("val/")));
        try (PairedDataset dataset = open(job, PAIR, MUCH)) {
            assertThat(dataset.summary().validationPairs()).isEqualTo(2);
            for (int i = 0; i < 2; i++) {
                List<ValidationPair> pairs = validation(dataset);

                assertThat(pairs)
                        .extracting(ValidationPair::name)
                        .containsExactly("a.png", "b.png");
                assertThat(pairs.get(0).input().shorts())
                        .isEqualTo(resized(deep, Region.LEFT).shorts());
                assertThat(pairs.get(0).target().bytes())
                        .isEqualTo(resized(deep, Region.RIGHT).toEightBits().bytes());
                assertThat(pairs.get(1).input().bytes())
                        .isEqualTo(resized(plain, Region.LEFT).bytes());
                assertThat(pairs.get(1).target().bytes())
                        .isEqualTo(resized(plain, Region.RIGHT).bytes());
            }
        }
        try (PairedDataset dataset = open(MUCH, MUCH)) {
            assertThat(dataset.validation()).isEmpty();
        }
    }

    private static Pixels resized(byte[] file, Region region) {
        return Resize.bicubic(new Decoder().decode(file, 3, region), 16, 16);
    }

    private static List<ValidationPair> validation(PairedDataset dataset)
            throws InterruptedException {
        List<ValidationPair> pairs = new ArrayList<>();
        try (ValidationPairs.Pass pass = dataset.validation().orElseThrow().pass()) {
            for (ValidationPair p = pass.next(); p != null; p = pass.next()) {
                pairs.add(p);
            }
        }
        return pairs;
    }

    private static List<PairBatch> all(PairedDataset dataset) throws InterruptedException {
        List<PairBatch> all = new ArrayList<>();
        try (Batches batches = dataset.batches(0, 0)) {
            for (PairBatch b = batches.next(); b != null; b = batches.next()) {
                all.add(b);
            }
        }
        return all;
    }

    private static void assertSame(List<PairBatch> found, List<PairBatch> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).inputs()).isEqualTo(expected.get(i).inputs());
            assertThat(found.get(i).targets()).isEqualTo(expected.get(i).targets());
        }
    }

    private void deleteAll() {
        for (int i = 0; i < 6; i++) {
            place.store().delete(S3Uri.parse(place.uri("data/p%02d.png".formatted(i))));
        }
    }

    /** Files of decoded pairs, by name. */
    private List<Path> kept() throws IOException {
        Path pixels = disk.resolve("pixels");
        if (!Files.exists(pixels)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(pixels)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private Failure failure(DatasetSummary planned, DatasetConfig config) {
        PairedDatasets datasets = new PairedDatasets(place.store(), config, Place.CLOCK);
        return catchThrowableOfType(
                        FailureException.class, () -> datasets.open(place.job(), planned))
                .failure();
    }

    private Place.Config config() {
        return Place.config(MUCH, Optional.of(disk.toString()), MUCH);
    }

    private DatasetSummary check(DatasetConfig config) {
        return new DatasetPlanner(place.store(), config).check(place.job(), () -> false);
    }

    private PairedDataset open(long memory, long cache) {
        return open(place.job(), memory, cache);
    }

    private PairedDataset open(TrainingJob job, long memory, long cache) {
        Place.Config config = Place.config(memory, Optional.of(disk.toString()), cache);
        DatasetSummary summary = new DatasetPlanner(place.store(), config).check(job, () -> false);
        return new PairedDatasets(place.store(), config, Place.CLOCK).open(job, summary);
    }
}
