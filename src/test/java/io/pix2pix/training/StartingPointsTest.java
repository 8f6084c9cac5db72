package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.network.Initialization;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.PthFile;
import io.pix2pix.training.Checkpoints.Found;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StartingPointsTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final DatasetSummary DATASET = Trainings.DATASET;
    private static final DatasetSummary ANOTHER = new DatasetSummary(30, 30, "f2", 0);
    private static final String WIDER = "{\"generator\": {\"filters\": 3}}";

    @TempDir Path scratch;

    private ObjectStore store;
    private S3Uri prefix;
    private StartingPoints points;
    private TrainingState state;
    private Found within;
    private Found after;

    @BeforeEach
    void earlierJob() {
        store = STACK.store();
        prefix = STACK.prefix();
        points = new StartingPoints(store, scratch);
        TrainingJob earlier = Trainings.job("earlier", prefix.resolve("earlier/"));
        state = Trainings.state(earlier, 5, 45);
        Checkpoints checkpoints = new Checkpoints(store, earlier, scratch, "w", Clock.systemUTC());
        within = checkpoints.save(state, Trainings.within(1, 5));
        after = checkpoints.save(state, Trainings.after(2));
    }

    @Test
    void beginsWithWeightsThatFollowFromTheSeed() {
        TrainingJob job = job("{\"training\": {\"seed\": 9, \"initialization\": \"xavier\"}}");

        points.check(job, DATASET);
        StartingPoint start = points.open(job, DATASET);

        assertThat(start.progress()).isEqualTo(Progress.beginning(DATASET));
        assertSame(
                start.state(), TrainingState.initial(Networks.of(job), Initialization.XAVIER, 9));
    }

    @Test
    void goesOnFromACheckpoint() {
        TrainingJob job = job(resume(within.uri()));

        points.check(job, DATASET);
        StartingPoint start = points.open(job, DATASET);

        assertSame(start.state(), state);
        assertThat(start.progress()).isEqualTo(Trainings.within(1, 5));
        assertThat(start.progress().stepsInEpoch()).isEqualTo(5);
    }

    @Test
    void goesOnWithAnotherDatasetFromTheEndOfAnEpoch() {
        TrainingJob job = job(resume(after.uri()));

        points.check(job, ANOTHER);
        Progress progress = points.open(job, ANOTHER).progress();

        assertThat(progress).isEqualTo(new Progress(2, 80, null, null, 0, ANOTHER));
    }

    @Test
    void goesOnWithAnotherDatasetNowhereElse() {
        assertBothFail("INVALID_JOB", ANOTHER, resume(within.uri()))
                .startsWith("$.resumeFrom: ")
                .contains("in the middle of epoch 2, after 5 of its 40 steps");
        assertBothFail(
                        "INVALID_JOB",
                        DATASET,
                        resume(within.uri()),
                        "{\"training\": {\"batchSize\": 2}}")
                .contains("batch size");
    }

    @Test
    void refusesToGoOnWithOtherNetworks() {
        assertBothFail("WRONG_NETWORK", DATASET, resume(after.uri()), WIDER)
                .startsWith("$.resumeFrom: ")
                .contains("generator, model.model.0.weight: expected [3, 3, 4, 4], found [2, 3,");
        assertBothFail(
                        "WRONG_NETWORK",
                        DATASET,
                        resume(after.uri()),
                        "{\"discriminator\": {\"layers\": 2}}")
                .contains("discriminator, model.");
    }

    @Test
    void refusesToGoOnWhereNothingIsLeft() {
        assertBothFail(
                        "INVALID_JOB",
                        DATASET,
                        resume(after.uri()),
                        "{\"training\": {\"epochs\": 2, \"decayEpochs\": 0}}")
                .contains("finished 2 epochs and the job has 2 in all");
    }

    @Test
    void refusesToBeginInAnotherJobsOutput() {
        TrainingJob job = Trainings.job("new", prefix.resolve("earlier/"), resume(after.uri()));

        Failure failure = failure(() -> points.check(job, DATASET));

        assertThat(failure.code()).isEqualTo("OUTPUT_TAKEN");
        assertThat(failure.message()).startsWith("$.output.uri: ").contains("job earlier");
    }

    @Test
    void saysThatThereIsNoSuchCheckpoint() {
        assertBothFail("CHECKPOINT_INCOMPLETE", DATASET, resume(prefix.resolve("none")))
                .startsWith("$.resumeFrom: There is no checkpoint " + prefix + "none/");
        assertBothFail("CHECKPOINT_INCOMPLETE", DATASET, init(prefix.resolve("none/")))
                .startsWith("$.initFrom: ");
        assertBothFail("INVALID_JOB", DATASET, "{\"initFrom\": \"http://a/b\"}")
                .startsWith("$.initFrom: expected a URI like s3://");
    }

    @Test
    void beginsWithTheNetworksOfACheckpointAndFreshMoments() {
        TrainingJob job = job(init(after.uri()));

        points.check(job, ANOTHER);
        StartingPoint start = points.open(job, ANOTHER);

        assertThat(start.progress()).isEqualTo(Progress.beginning(ANOTHER));
        assertEqual(start.state().generator(), state.generator());
        assertEqual(start.state().discriminator(), state.discriminator());
        assertFresh(start.state());
        assertBothFail("WRONG_NETWORK", DATASET, init(after.uri()), WIDER)
                .contains("model.model.0.weight");
    }

    @Test
    void beginsWithAGeneratorOfOurs() {
        TrainingJob job = job(init(after.generator()));

        points.check(job, DATASET);
        StartingPoint start = points.open(job, DATASET);

        assertEqual(start.state().generator(), state.generator());
        assertEqual(start.state().discriminator(), fresh(job).discriminator());
        assertFresh(start.state());
        assertBothFail("WRONG_NETWORK", DATASET, init(after.generator()), WIDER)
                .startsWith("$.initFrom: " + after.generator())
                .contains("model.model.0.weight: expected [3, 3, 4, 4], found [2, 3, 4, 4]");
    }

    @Test
    void beginsWithTheReferencesWeights() {
        S3Uri generator = put("latest_net_G.pth", state.generator());
        TrainingJob job = job(init(generator));

        points.check(job, DATASET);
        StartingPoint alone = points.open(job, DATASET);
        put("latest_net_D.pth", state.discriminator());
        StartingPoint both = points.open(job, DATASET);

        assertEqual(alone.state().generator(), state.generator());
        assertEqual(alone.state().discriminator(), fresh(job).discriminator());
        assertEqual(both.state().generator(), state.generator());
        assertEqual(both.state().discriminator(), state.discriminator());
        assertFresh(both.state());
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void refusesWeightsOfOtherNetworks() {
        S3Uri generator = put("latest_net_G.pth", state.generator());

        assertBothFail("WRONG_NETWORK", DATASET, init(generator), WIDER)
                .startsWith("$.initFrom: " + generator)
                .contains("model.model.0.weight: expected [3, 3, 4, 4]");
        put("latest_net_D.pth", state.discriminator());
        assertBothFail(
                        "WRONG_NETWORK",
                        DATASET,
                        init(generator),
                        "{\"discriminator\": {\"filters\": 3}}")
                .startsWith("$.initFrom: " + prefix + "latest_net_D.pth")
                .contains("model.0.weight: expected [3, 6, 4, 4]");
    }

    @Test
    void refusesFilesThatAreNoWeights() {
        S3Uri module = put("a.pt", state.generator());
        S3Uri bytes = prefix.resolve("a.pth");
        store.create(bytes, new byte[100], "application/octet-stream", Map.of());

        assertBothFail("NOT_OURS", DATASET, init(module)).startsWith("$.initFrom: " + module);
        assertBothFail("NOT_A_STATE_DICT", DATASET, init(bytes)).startsWith("$.initFrom: " + bytes);
        assertBothFail("NOT_FOUND", DATASET, init(prefix.resolve("none.pth")))
                .startsWith("$.initFrom: ")
                .contains("none.pth");
        assertThat(scratch.toFile().list()).containsExactly("a.pt");
    }

    private TrainingJob job(String... settings) {
        return Trainings.job("new", prefix.resolve("new/"), settings);
    }

    private static String resume(S3Uri uri) {
        return "{\"resumeFrom\": \"%s\"}".formatted(uri);
    }

    private static String init(S3Uri uri) {
        return "{\"initFrom\": \"%s\"}".formatted(uri);
    }

    private S3Uri put(String name, Map<String, Tensor> tensors) {
        try {
            Path file = scratch.resolve(name);
            PthFile.writeZip(file, tensors);
            store.upload(file, prefix.resolve(name), "application/octet-stream", Map.of());
            if (name.endsWith(".pth")) {
                Files.delete(file);
            }
            return prefix.resolve(name);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private AbstractStringAssert<?> assertBothFail(
            String code, DatasetSummary dataset, String... settings) {
        TrainingJob job = job(settings);
        Failure checked = failure(() -> points.check(job, dataset));
        Failure opened = failure(() -> points.open(job, dataset));
        assertThat(checked.code()).as(checked.message()).isEqualTo(code);
        assertThat(opened.code()).as(opened.message()).isEqualTo(code);
        return assertThat(checked.message());
    }

    private static Failure failure(Runnable action) {
        Failure[] failure = new Failure[1];
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(FailureException.class, e -> failure[0] = e.failure());
        return failure[0];
    }

    private static TrainingState fresh(TrainingJob job) {
        return TrainingState.initial(
                Networks.of(job), Initialization.NORMAL, job.training().seed());
    }

    private static void assertFresh(TrainingState found) {
        assertThat(found.steps()).isZero();
        assertThat(found.tensors())
                .allSatisfy(
                        (name, tensor) -> {
                            if (name.contains(".exp_avg")) {
                                assertThat(tensor.floats()).containsOnly(0);
                            }
                        });
    }

    private static void assertSame(TrainingState found, TrainingState expected) {
        assertEqual(found.tensors(), expected.tensors());
    }

    private static void assertEqual(Map<String, Tensor> found, Map<String, Tensor> expected) {
        assertThat(found.keySet()).containsExactlyElementsOf(expected.keySet());
        found.forEach(
                (name, tensor) -> {
                    Tensor other = Objects.requireNonNull(expected.get(name));
                    assertThat(tensor.floats()).as(name).isEqualTo(other.floats());
                    assertThat(tensor.count()).isEqualTo(other.count());
                });
    }
}
