package io.pix2pix.translation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.FailureException;
import io.pix2pix.image.Encoder;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tasks of standing jobs, which bring their manifests, over objects that change. */
@Timeout(60)
class StandingShardTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private final Inverter generator = new Inverter(4);
    private Workplace workplace;

    @BeforeEach
    void open() throws IOException {
        workplace = new Workplace(STACK.store(), STACK.prefix(), generator, 4, 8);
    }

    @AfterEach
    void close() throws IOException {
        workplace.close();
    }

    @Test
    void eachVersionOfAnObjectIsTranslatedAndReplacesTheResultOfTheOneBefore() {
        TranslationJob job = standing(IfExists.OVERWRITE);
        S3Uri input = workplace.putImage("a.png", 12, 8, 1);
        TranslationResult first = only(arrived(job, 0, input), 1);
        replace(input, 2);
        TranslationResult second = only(arrived(job, 1, input), 1);

        assertThat(second.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(second.inputEtag()).isNotEqualTo(first.inputEtag());
        workplace.assertInverted(second);
        // The same version told of as another shard, at an attempt that looks before it works.
        assertThat(only(arrived(job, 2, input), 2).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(generator.images()).isEqualTo(2);
    }

    @Test
    void aSecondVersionIsSkippedWhereTheJobSaysSo() {
        S3Uri input = workplace.putImage("a.png", 12, 8, 1);
        TranslationJob skip = standing(IfExists.SKIP);
        only(arrived(skip, 0, input), 1);
        replace(input, 2);
        assertThat(only(arrived(skip, 1, input), 1).outcome()).isEqualTo(Outcome.SKIPPED);
    }

    @Test
    void aTaskThatReadAnOlderVersionDoesNotReplaceTheResultOfTheNewerOne() {
        TranslationJob job = standing(IfExists.OVERWRITE);
        S3Uri input = workplace.putImage("a.png", 12, 8, 1);
        String older = etag(input);
        replace(input, 2);
        TranslationResult newer = only(arrived(job, 0, input), 1);

        OutputWriter writer = new OutputWriter(workplace.store(), job);
        Lineage late = new Lineage(job.jobId(), "sha", input, older, Lineage.parameters(job));
        S3Uri output = S3Uri.parse(String.valueOf(newer.output()));
        OutputWriter.Output told = writer.write(output, "late".getBytes(UTF_8), late, 1, 1);

        assertThat(told.inputEtag()).isEqualTo(newer.inputEtag());
        workplace.assertInverted(newer);
    }

    @Test
    void aTaskThatIsGivenUpSucceededOnlyForTheVersionThatIsTranslated() {
        TranslationJob job = standing(IfExists.OVERWRITE);
        S3Uri input = workplace.putImage("a.png", 12, 8, 1);
        only(arrived(job, 0, input), 1);
        TranslationTask done = arrived(job, 1, input);
        replace(input, 2);
        TranslationTask undone = arrived(job, 2, input);

        ShardTranslator translator = workplace.translator("w");
        assertThat(translator.exhaust(done, 5, null).results())
                .singleElement()
                .extracting(TranslationResult::outcome)
                .isEqualTo(Outcome.SUCCEEDED);
        assertThat(translator.exhaust(undone, 5, null).results())
                .singleElement()
                .extracting(TranslationResult::outcome)
                .isEqualTo(Outcome.FAILED);
    }

    /** As when a job is submitted again after Kafka, and with it the tracker's count, was lost. */
    @Test
    void theResultsOfAnEarlierLifeAreNotTakenForThoseOfOtherImages() {
        TranslationJob job = standing(IfExists.OVERWRITE);
        TranslationTask before = arrived(job, 0, workplace.putImage("a.png", 12, 8, 1));
        TranslationTask now = arrived(job, 0, workplace.putImage("b.png", 12, 8, 2));
        List<TranslationResult> results = workplace.translate(before, 1).results();

        refused(() -> workplace.translate(now, 1));
        refused(() -> workplace.translator("w").exhaust(now, 5, null));
        assertThat(workplace.translate(before, 2).results()).isEqualTo(results);
        assertThat(generator.images()).isEqualTo(1);
    }

    private static void refused(ThrowingCallable task) {
        assertThatThrownBy(task)
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().code()).isEqualTo("DUPLICATE_JOB");
                            assertThat(e.failure().retriable()).isFalse();
                        })
                .hasMessageContaining("b.png")
                .hasMessageContaining("choose another jobId");
    }

    private TranslationResult only(TranslationTask task, int attempt) {
        return workplace.translate(task, attempt).results().get(0);
    }

    private TranslationJob standing(IfExists ifExists) {
        TranslationJob plain =
                workplace.job("standing", ifExists, new Size(Size.Mode.PAD, 0, 0), 256);
        return new TranslationJob(
                plain.jobId(),
                plain.model(),
                new TranslationJob.Input(
                        plain.input().uri(), List.of(), List.of(), Side.WHOLE, false, true),
                plain.output(),
                plain.size(),
                plain.shardSize());
    }

    /** The task that an object as it is now becomes. */
    private TranslationTask arrived(TranslationJob job, int shard, S3Uri input) {
        ManifestEntry entry = new FollowedPrefix(job).entry(input, etag(input), 100).orElseThrow();
        return new TranslationTask(job.jobId(), shard, 1, 1, null, job).with(List.of(entry));
    }

    private void replace(S3Uri uri, int seed) {
        byte[] other = Encoder.png(Workplace.image(12, 8, seed));
        workplace.store().replace(uri, other, "image/png", Map.of(), etag(uri));
    }

    private String etag(S3Uri uri) {
        return workplace.head(uri).map(StoredObject::etag).orElseThrow();
    }
}
