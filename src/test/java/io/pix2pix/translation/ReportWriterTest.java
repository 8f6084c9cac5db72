package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class ReportWriterTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private Workplace workplace;

    @BeforeEach
    void open() throws IOException {
        workplace = new Workplace(STACK.store(), STACK.prefix(), new Inverter(), 4, 8);
    }

    @AfterEach
    void close() throws IOException {
        workplace.close();
    }

    @Test
    void countsResultsAndListsFailuresOverAllShards() {
        for (int i = 0; i < 7; i++) {
            workplace.putImage("%d.png".formatted(i), 8, 8, i);
        }
        workplace.put("in/7-empty.png", new byte[0]);
        workplace.put("in/8-text.png", "text".getBytes(StandardCharsets.UTF_8));
        workplace.put("in/9-text.png", "text".getBytes(StandardCharsets.UTF_8));
        workplace.put("out/3.png", new byte[] {1});
        TranslationJob job =
                workplace.job("report", IfExists.SKIP, new Size(Size.Mode.PAD, 0, 0), 3);
        workplace.planned(job, 0);
        for (int shard = 0; shard < 4; shard++) {
            workplace
                    .translator("w".repeat(shard))
                    .translate(workplace.task(job, shard), 1, Workplace.GO_ON);
        }
        ReportWriter writer = new ReportWriter(STACK.store());
        ReportTask task = task(job, 4, 10, List.of());

        S3Uri uri = writer.write(task, () -> false);

        Report report = Json.read(workplace.read(uri), Report.class);
        assertThat(report.job()).isEqualTo(job);
        assertThat(report.state()).isEqualTo(State.COMPLETED_WITH_FAILURES);
        assertThat(report.images()).isEqualTo(10);
        assertThat(report.done()).isEqualTo(10);
        assertThat(report.notDone()).isZero();
        assertThat(report.succeeded()).isEqualTo(6);
        assertThat(report.skipped()).isEqualTo(1);
        assertThat(report.failed()).isEqualTo(3);
        assertThat(report.failuresByCode()).isEqualTo(Map.of("EMPTY_FILE", 1L, "NOT_AN_IMAGE", 2L));
        assertThat(report.outputBytes()).isPositive();
        assertThat(report.modelSha256()).hasSize(64);
        assertThat(report.firstFinishedAt()).isEqualTo(Workplace.CLOCK.instant());
        assertThat(report.lastFinishedAt()).isEqualTo(Workplace.CLOCK.instant().plusSeconds(3));
        assertThat(failures(report))
                .extracting(TranslationResult::input)
                .containsExactly(
                        workplace.inputs().resolve("7-empty.png").toString(),
                        workplace.inputs().resolve("8-text.png").toString(),
                        workplace.inputs().resolve("9-text.png").toString());
        assertThat(writer.write(task, () -> false)).isEqualTo(uri);
        assertThat(Json.read(workplace.read(uri), Report.class)).isEqualTo(report);
    }

    @Test
    void aCancelledJobsReportSaysWhatWasNotDone() {
        workplace.putImages(10);
        TranslationJob job =
                workplace.job("cancelled", IfExists.SKIP, new Size(Size.Mode.PAD, 0, 0), 3);
        workplace.planned(job, 0);
        for (int shard : List.of(0, 2)) {
            workplace.translate(workplace.task(job, shard), 1);
        }

        S3Uri uri =
                new ReportWriter(STACK.store())
                        .write(
                                new ReportTask(
                                        "cancelled", 1, 4, 10, false, true, List.of(1, 3), job),
                                () -> false);

        Report report = Json.read(workplace.read(uri), Report.class);
        assertThat(report.state()).isEqualTo(State.CANCELLED);
        assertThat(report.planned()).isFalse();
        assertThat(report.images()).isEqualTo(10);
        assertThat(report.done()).isEqualTo(6);
        assertThat(report.succeeded()).isEqualTo(6);
        assertThat(report.notDone()).isEqualTo(4);
        assertThat(report.shardsNotDone()).containsExactly(1, 3);
    }

    @Test
    void aJobThatWasCancelledBeforeItBeganHasAReportToo() {
        TranslationJob job = workplace.job("at-once");
        S3Uri uri =
                new ReportWriter(STACK.store())
                        .write(
                                new ReportTask("at-once", 1, 0, 0, false, true, List.of(), job),
                                () -> false);
        Report report = Json.read(workplace.read(uri), Report.class);
        assertThat(report.images()).isZero();
        assertThat(report.shards()).isZero();
    }

    @Test
    void aReportCanBeStopped() {
        workplace.putImages(6);
        TranslationJob job = workplace.job("stop", IfExists.SKIP, new Size(Size.Mode.PAD, 0, 0), 3);
        workplace.planned(job, 0);
        workplace.translate(workplace.task(job, 0), 1);
        workplace.translate(workplace.task(job, 1), 1);
        AtomicInteger asked = new AtomicInteger();

        assertThatThrownBy(
                        () ->
                                new ReportWriter(STACK.store())
                                        .write(
                                                task(job, 2, 6, List.of()),
                                                () -> asked.incrementAndGet() > 1))
                .isInstanceOf(TaskStoppedException.class);
        assertThat(workplace.head(JobLayout.of(job).report())).isEmpty();
    }

    @Test
    void aShardWithoutResultsIsNamed() {
        workplace.putImage("a.png", 8, 8, 1);
        TranslationJob job = workplace.job("early");
        workplace.planned(job, 0);

        assertThatThrownBy(
                        () ->
                                new ReportWriter(STACK.store())
                                        .write(task(job, 1, 1, List.of()), () -> false))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("results/00000.jsonl");
    }

    private static ReportTask task(
            TranslationJob job, int shards, long images, List<Integer> notDone) {
        return new ReportTask(job.jobId(), 1, shards, images, true, false, notDone, job);
    }

    private List<TranslationResult> failures(Report report) {
        String lines =
                new String(workplace.read(S3Uri.parse(report.failures())), StandardCharsets.UTF_8);
        return lines.lines()
                .map(l -> Json.read(l.getBytes(StandardCharsets.UTF_8), TranslationResult.class))
                .toList();
    }
}
