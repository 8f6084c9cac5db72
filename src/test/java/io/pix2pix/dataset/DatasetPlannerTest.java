package io.pix2pix.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Pictures;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class DatasetPlannerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private Place place;

    @BeforeEach
    void open() {
        place = new Place(STACK.store(), STACK.prefix());
    }

    @Test
    void countsSideBySidePairsAndStepsOfAllFormats() {
        place.put("data/a.png", Pictures.png(40, 20, 1));
        place.put("data/deep er/ü.JPG", Pictures.jpeg(64, 64, 2));
        place.put("data/c.gif", Pictures.of(40, 20, "gif", BufferedImage.TYPE_BYTE_INDEXED, 3));
        place.put("data/d.bmp", Pictures.of(40, 20, "bmp", BufferedImage.TYPE_INT_RGB, 4));
        place.put("data/e.tif", Pictures.of(40, 20, "tif", BufferedImage.TYPE_INT_RGB, 4));
        place.put("data/README.txt", new byte[] {1});

        DatasetSummary summary = check(place.job("side-by-side", ", \"batchSize\": 2", ""));

        assertThat(summary.pairs()).isEqualTo(5);
        assertThat(summary.stepsPerEpoch()).isEqualTo(3);
        assertThat(summary.validationPairs()).isZero();
        assertThat(summary.fingerprint()).matches("[0-9a-f]{64}");
    }

    @Test
    void readsLargeFilesByTheirHeadAndWholeWhereThatDoesNotSay() {
        Pixels noise = Place.noise(400, 200, 1);
        place.put("data/large.jpg", Encoder.jpeg(noise, 95));
        place.put("data/large.png", Encoder.png(noise));
        place.put("data/large.bmp", Pictures.of(400, 200, "bmp", BufferedImage.TYPE_INT_RGB, 3));

        assertThat(check(place.job()).pairs()).isEqualTo(3);
    }

    @Test
    void matchesFoldersByNameWithoutItsEnding() {
        place.put("data/A/x.jpg", Pictures.jpeg(40, 20, 1));
        place.put("data/B/x.png", Pictures.png(40, 20, 1));
        place.put("data/A/sub/y.png", Pictures.png(30, 30, 1));
        place.put("data/B/sub/y.png", Pictures.png(30, 30, 1));
        place.put("data/elsewhere.png", Pictures.png(31, 30, 1));

        assertThat(check(folders()).pairs()).isEqualTo(2);
    }

    @Test
    void takesValidationAndOutputBelowTheDatasetForWhatTheyAre() {
        place.putPairs(2);
        place.put("data/val/v.png", Pictures.png(40, 20, 1));
        place.put("data/out/sheet.png", Pictures.png(41, 20, 1));
        TrainingJob job =
                place.job(
                        "side-by-side",
                        "",
                        ", \"validation\": {\"uri\": \"%s\"}, \"output\": {\"uri\": \"%s\"}"
                                .formatted(place.uri("data/val/"), place.uri("data/out/")));

        DatasetSummary summary = check(job);

        assertThat(summary.pairs()).isEqualTo(2);
        assertThat(summary.validationPairs()).isEqualTo(1);
    }

    @Test
    void namesEveryFileThatDoesNotFitWithTheReason() {
        place.putPairs(2);
        place.put("data/odd.png", Pictures.png(41, 20, 1));
        place.put("data/tiny.png", Pictures.png(8, 20, 1));
        place.put("data/empty.jpg", new byte[0]);
        place.put("data/text.jpg", "hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        place.put("data/huge.png", Pictures.pngHeader(4000, 1000));
        place.put("data/cut.jpg", Arrays.copyOf(Pictures.jpeg(40, 20, 1), 700));
        place.put("data/heavy.png", new byte[(1 << 20) + 1]);

        Failure failure = failure(place.job());

        assertThat(failure.code()).isEqualTo("BAD_PAIRS");
        assertThat(failure.stage()).isEqualTo(Stage.DATASET);
        assertThat(failure.retriable()).isFalse();
        assertThat(failure.message())
                .startsWith("7 files of the dataset do not fit: ")
                .contains(place.uri("data/odd.png") + ": expected two halves of equal width")
                .contains("41 x 20")
                .contains("tiny.png: expected pictures of at least 8 pixels a side, found 4 x 20")
                .contains("empty.jpg: Expected an image, found a file of 0 bytes")
                .contains("text.jpg: Expected JPEG, PNG")
                .contains("huge.png: Expected at most 1000000 pixels, found 4000 x 1000")
                .contains("cut.jpg: The JPEG ends after 700 bytes")
                .contains("heavy.png: expected at most 1048576 bytes, found 1048577");
    }

    @Test
    void namesTwentyAndCountsTheRest() {
        for (int i = 0; i < 23; i++) {
            place.put("data/p%02d.png".formatted(i), Pictures.png(41, 20, i));
        }

        assertThat(failure(place.job()).message())
                .contains("p00.png", "p19.png")
                .doesNotContain("p20.png")
                .endsWith("; and 3 more");
    }

    @Test
    void namesMissingHalvesUnequalSizesAndDoubleNames() {
        place.put("data/A/alone.png", Pictures.png(40, 20, 1));
        place.put("data/B/other.png", Pictures.png(40, 20, 1));
        place.put("data/A/size.png", Pictures.png(40, 20, 1));
        place.put("data/B/size.jpg", Pictures.jpeg(40, 24, 1));
        place.put("data/A/twice.jpg", Pictures.jpeg(40, 20, 1));
        place.put("data/A/twice.png", Pictures.png(40, 20, 1));
        place.put("data/B/twice.png", Pictures.png(40, 20, 1));

        assertThat(failure(folders()).message())
                .startsWith("4 files of")
                .contains("A/alone.png: its other half is missing, expected " + place.uri("data/B"))
                .contains("B/other.png: its other half is missing")
                .contains("A/size.png: expected the size of its other half")
                .contains("40 x 24, found 40 x 20")
                .contains("A/twice.png: has the same name but for its ending as A/twice.jpg");
    }

    @Test
    void aSingleImageInTheFoldersIsAMissingHalf() {
        place.put("data/A/alone.png", Pictures.png(40, 20, 1));

        assertThat(failure(folders()).message()).startsWith("1 file of the dataset does not fit");
    }

    @Test
    void aFolderWithoutImagesHasNoPairs() {
        assertThat(failure(place.job()))
                .satisfies(f -> assertThat(f.code()).isEqualTo("NO_PAIRS"))
                .satisfies(f -> assertThat(f.message()).contains(place.uri("data/")));
        assertThat(failure(folders()).code()).isEqualTo("NO_PAIRS");
        place.putPairs(1);
        TrainingJob job =
                place.job(
                        "side-by-side",
                        "",
                        ", \"validation\": {\"uri\": \"%s\"}".formatted(place.uri("val/")));
        assertThat(failure(job).message()).startsWith("validation.uri: no image file");
    }

    @Test
    void aBatchLargerThanTheDatasetIsRefused() {
        place.putPairs(3);

        assertThat(failure(place.job("side-by-side", ", \"batchSize\": 4", "")))
                .isEqualTo(
                        Failure.permanent(
                                Stage.DATASET,
                                "BATCH_TOO_LARGE",
                                "training.batchSize is 4, the dataset has 3 pairs"));
    }

    @Test
    void channelsThatNoImageFileHasAreRefused() {
        place.putPairs(1);

        Failure failure =
                failure(place.job("side-by-side", "", ", \"generator\": {\"inputChannels\": 4}"));

        assertThat(failure.code()).isEqualTo("WRONG_CHANNELS");
        assertThat(failure.message()).startsWith("generator.inputChannels is 4");
    }

    @Test
    void aBucketThatIsNotThereIsPermanentAndNamesTheField() {
        TrainingJob job =
                place.job("side-by-side", "", ", \"dataset\": {\"uri\": \"s3://no-such-bucket/\"}");

        assertThat(failure(job).code()).isEqualTo("NO_BUCKET");
        assertThat(failure(job).message()).startsWith("dataset.uri: ");
        assertThat(failure(job).retriable()).isFalse();
    }

    @Test
    void sampleSheetsAmongThePairsAreRefused() {
        TrainingJob job =
                place.job(
                        "side-by-side",
                        "",
                        ", \"output\": {\"uri\": \"%s\"}".formatted(place.uri("data/")));

        assertThat(failure(job).code()).isEqualTo("INVALID_JOB");
    }

    @Test
    void theFingerprintChangesWithAnyNameAndAnyContentAndNothingElse() {
        place.putPairs(2);
        String before = check(place.job()).fingerprint();
        place.put("data/notes.txt", new byte[] {1});
        assertThat(check(place.job()).fingerprint()).isEqualTo(before);

        place.put("data/p01.png", Pictures.png(40, 20, 99));
        String replaced = check(place.job()).fingerprint();
        place.put("data/p02.png", Pictures.png(40, 20, 2));
        String added = check(place.job()).fingerprint();

        assertThat(before).isNotEqualTo(replaced).isNotEqualTo(added);
        assertThat(replaced).isNotEqualTo(added);
    }

    @Test
    void aCheckCanBeStoppedBetweenPairs() {
        place.putPairs(30);
        AtomicInteger asked = new AtomicInteger();

        assertThatThrownBy(
                        () ->
                                new DatasetPlanner(
                                                place.store(), Place.config(0, Optional.empty(), 0))
                                        .check(place.job(), () -> asked.incrementAndGet() > 5))
                .isInstanceOf(CancellationException.class);
        // Four threads, each of which may have asked once more.
        assertThat(asked.get()).isBetween(6, 9);
    }

    private TrainingJob folders() {
        return place.job("folders", "", "");
    }

    private DatasetSummary check(TrainingJob job) {
        return new DatasetPlanner(place.store(), Place.config(0, Optional.empty(), 0))
                .check(job, () -> false);
    }

    private Failure failure(TrainingJob job) {
        return catchThrowableOfType(FailureException.class, () -> check(job)).failure();
    }
}
