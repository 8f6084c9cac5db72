package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Encoder;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class OutputWriterTest {
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
    void anotherJobOfTheSameWorkFindsItDone() {
        workplace.putImages(5);
        workplace.translate(workplace.planned(workplace.job("one"), 0), 1);

        List<TranslationResult> results =
                workplace.translate(workplace.planned(workplace.job("two"), 0), 1).results();

        assertThat(generator.images()).isEqualTo(5);
        assertThat(results)
                .allSatisfy(
                        r -> {
                            assertThat(r.outcome()).isEqualTo(Outcome.SUCCEEDED);
                            assertThat(r.width()).isEqualTo(12);
                        });
    }

    @Test
    void anothersObjectIsLeftOrRefusedOrReplacedAsTheJobSays() {
        workplace.putImages(2);
        byte[] foreign = "somebody's".getBytes(StandardCharsets.UTF_8);
        workplace.put("out/image-00.png", foreign);

        TranslationResult skipped = onlyFirst("skip", IfExists.SKIP);
        assertThat(skipped.outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(workplace.read(workplace.outputs().resolve("image-00.png"))).isEqualTo(foreign);

        TranslationResult refused = onlyFirst("fail", IfExists.FAIL);
        assertThat(refused.failure())
                .isNotNull()
                .satisfies(
                        f -> {
                            assertThat(f.stage()).isEqualTo(Stage.STORE);
                            assertThat(f.code()).isEqualTo("OUTPUT_EXISTS");
                            assertThat(f.message()).contains("something else");
                        });
        assertThat(workplace.read(workplace.outputs().resolve("image-00.png"))).isEqualTo(foreign);

        TranslationResult replaced = onlyFirst("overwrite", IfExists.OVERWRITE);
        assertThat(replaced.outcome()).isEqualTo(Outcome.SUCCEEDED);
        workplace.assertInverted(replaced);
    }

    @Test
    void ofTwoInputsOfOneJobThatWriteOneKeyOneFailsEvenWithOverwrite() {
        S3Uri a = workplace.put("in/x.png", Encoder.png(Workplace.image(8, 8, 1)));
        S3Uri b = workplace.put("in/x.bmp.png", Encoder.png(Workplace.image(8, 8, 2)));
        S3Uri list =
                workplace.put(
                        "list.jsonl",
                        "\"%s\"\n{\"uri\": \"%s\"}\n\n\"%s\"\n"
                                .formatted(a, a.toString().replace(".png", ".jpg"), b)
                                .getBytes(StandardCharsets.UTF_8));
        workplace.put("in/x.jpg", Encoder.png(Workplace.image(8, 8, 3)));
        TranslationJob plain =
                workplace.job("list", IfExists.OVERWRITE, new Size(Size.Mode.PAD, 0, 0), 256);
        TranslationJob job =
                new TranslationJob(
                        plain.jobId(),
                        plain.model(),
                        new TranslationJob.Input(
                                list.toString(),
                                List.of(),
                                List.of(),
                                TranslationJob.Side.WHOLE,
                                true),
                        plain.output(),
                        plain.size(),
                        0);

        List<TranslationResult> results =
                workplace.translate(workplace.planned(job, 0), 1).results();

        assertThat(results).hasSize(3);
        assertThat(results.stream().filter(r -> r.outcome() == Outcome.SUCCEEDED)).hasSize(2);
        assertThat(results.stream().filter(r -> r.failure() != null))
                .singleElement()
                .satisfies(r -> assertThat(failure(r).code()).isEqualTo("OUTPUT_COLLISION"));
    }

    private TranslationResult onlyFirst(String jobId, IfExists ifExists) {
        TranslationJob job = workplace.job(jobId, ifExists, new Size(Size.Mode.PAD, 0, 0), 1);
        return workplace.translate(workplace.planned(job, 0), 1).results().get(0);
    }

    private static Failure failure(TranslationResult r) {
        return Objects.requireNonNull(r.failure());
    }
}
