package io.pix2pix.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.TranslationJob.Format;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {
    private static final String MINIMAL_TRAINING =
            """
            {"jobId": "t", "dataset": {"uri": "s3://photos/maps/"}, "output": {"uri": "s3://models/maps/"}}
            """;

    private static final String MINIMAL =
            """
            {"jobId": "maps-001", "model": {"uri": "s3://models/g.pt"},
             "input": {"uri": "s3://photos/tiles/"}, "output": {"uri": "s3://results/maps-001/"}}
            """;
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    record Example(Schema schema, Object record) {
        @Override
        public String toString() {
            return record.getClass().getSimpleName();
        }
    }

    static Stream<Example> examples() {
        TranslationJob job = read(MINIMAL);
        Failure failure = Failure.permanent(Stage.DECODE, "NOT_AN_IMAGE", "a.png holds text");
        TranslationResult good =
                new TranslationResult(
                        "j",
                        0,
                        1,
                        TranslationResult.Outcome.SUCCEEDED,
                        "s3://b/in/ä b.jpg",
                        "etag",
                        "s3://b/out/ä b.png",
                        256,
                        256,
                        1234,
                        null,
                        1,
                        "w",
                        NOW);
        TranslationResult bad =
                new TranslationResult(
                        "j",
                        0,
                        2,
                        TranslationResult.Outcome.FAILED,
                        "s3://b/in/c",
                        null,
                        null,
                        0,
                        0,
                        0,
                        failure,
                        1,
                        "w",
                        NOW);
        List<Example> all = new ArrayList<>();
        all.add(new Example(Schema.TRANSLATION_JOB, job));
        all.add(new Example(Schema.FAILURE, failure));
        all.add(new Example(Schema.JOB_COMMAND, new JobCommand("j", JobCommand.Action.PAUSE)));
        all.add(
                new Example(
                        Schema.TRANSLATION_TASK,
                        new TranslationTask("j", 3, 256, 2, failure, job)));
        all.add(
                new Example(
                        Schema.REPORT_TASK,
                        new ReportTask("j", 2, 4, 1000, true, true, List.of(1, 3), job)));
        all.add(new Example(Schema.TRANSLATION_RESULT, good));
        all.add(new Example(Schema.TRANSLATION_RESULT, bad));
        all.add(
                new Example(
                        Schema.MANIFEST_ENTRY,
                        new ManifestEntry("s3://b/a", "e", 5, "s3://o/a.png", null)));
        all.add(
                new Example(
                        Schema.MANIFEST_ENTRY,
                        new ManifestEntry("s3://b/a", null, -1, null, failure)));
        all.add(
                new Example(
                        Schema.JOB_STATUS,
                        new JobStatus(
                                "j",
                                JobStatus.Kind.TRANSLATION,
                                "d",
                                JobStatus.State.RUNNING,
                                null,
                                new JobStatus.Images(10, 1, 2, 3, 4),
                                true,
                                5,
                                4,
                                1,
                                List.of("w/0", "w/1"),
                                0,
                                99,
                                7,
                                new JobStatus.LastCommand(
                                        JobCommand.Action.PAUSE,
                                        NOW,
                                        JobStatus.Outcome.REPEATED,
                                        "the job was paused before"),
                                "s3://b/report.json",
                                failure,
                                "half way",
                                NOW,
                                NOW,
                                NOW,
                                NOW)));
        all.add(
                new Example(
                        Schema.JOB_STATUS,
                        new JobStatus(
                                "j",
                                null,
                                "",
                                JobStatus.State.UNKNOWN,
                                null,
                                new JobStatus.Images(0, 0, 0, 0, 0),
                                false,
                                0,
                                0,
                                0,
                                List.of(),
                                0,
                                0,
                                0,
                                new JobStatus.LastCommand(
                                        JobCommand.Action.CANCEL,
                                        NOW,
                                        JobStatus.Outcome.WAITING,
                                        "there is no such job, yet"),
                                null,
                                null,
                                "there is no job j",
                                NOW,
                                null,
                                NOW,
                                null)));
        TrainingJob training =
                Schema.TRAINING_JOB.read(
                        MINIMAL_TRAINING.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        all.add(new Example(Schema.TRAINING_JOB, training));
        DatasetSummary dataset = new DatasetSummary(400, 400, "abc", 24);
        all.add(
                new Example(
                        Schema.TRAINING_TASK,
                        new TrainingTask("t", 3, 2, "s3://m/c/", dataset, failure, training)));
        var metrics = new TrainingEvent.Metrics(0.1, 21.5, 0.8, "s3://m/samples/e0005.png");
        var epoch =
                new TrainingEvent.EpochCompleted(
                        "t",
                        5,
                        200,
                        2000,
                        new TrainingEvent.Losses(0.6, 0.5, 0.9, 31),
                        2e-4,
                        1.7,
                        0.99,
                        metrics,
                        "w",
                        NOW);
        List<TrainingEvent> trainingEvents =
                List.of(
                        epoch,
                        new TrainingEvent.CheckpointPublished(
                                "t", "s3://m/c/", 5, 2000, true, "w", NOW),
                        new TrainingEvent.TrainingCompleted(
                                "t",
                                "s3://m/g.pt",
                                "s3://m/c/",
                                "s3://m/b/",
                                200,
                                80_000,
                                false,
                                metrics,
                                "w",
                                NOW));
        for (TrainingEvent event : trainingEvents) {
            all.add(new Example(Schema.TRAINING_EVENT, event));
            all.add(new Example(Schema.TASK_EVENT, event));
        }
        all.add(
                new Example(
                        Schema.JOB_STATUS,
                        new JobStatus(
                                "t",
                                JobStatus.Kind.TRAINING,
                                "d",
                                JobStatus.State.RUNNING,
                                new JobStatus.Training(
                                        400,
                                        5,
                                        200,
                                        2001,
                                        80_000,
                                        epoch,
                                        metrics,
                                        "s3://m/c/",
                                        "s3://m/b/",
                                        "s3://m/g.pt"),
                                new JobStatus.Images(0, 0, 0, 0, 0),
                                true,
                                5,
                                4,
                                1,
                                List.of("w"),
                                0,
                                99,
                                7,
                                null,
                                null,
                                null,
                                "half way",
                                NOW,
                                NOW,
                                NOW,
                                NOW)));
        for (TaskEvent event :
                List.of(
                        new TaskEvent.JobSubmitted("j", "d", job, NOW),
                        new TaskEvent.ShardPlanned("j", "d", 0, 256),
                        new TaskEvent.PlanCompleted("j", "d", 4, 1000),
                        new TaskEvent.JobRejected("j", JobStatus.Kind.TRAINING, "d", failure),
                        new TaskEvent.CommandReceived("j", JobCommand.Action.CANCEL, NOW),
                        new TaskEvent.TaskProgress("j", 0, 1, "w", 17, 250, NOW),
                        new TaskEvent.TaskCompleted("j", 0, 1, "w", 12, List.of(good, bad)),
                        new TaskEvent.TaskReturned("j", 0, 1, "w", 12),
                        new TaskEvent.TaskFailed("j", 0, 1, "w", 12, failure),
                        new TaskEvent.ReportProgress("j", 2, "w", NOW),
                        new TaskEvent.ReportWritten("j", "s3://b/report.json"),
                        new TaskEvent.ReportFailed("j", 2, failure),
                        new TaskEvent.PlanProgress("j", "d", 2, "w", NOW),
                        new TaskEvent.PlanReturned("j", "d", 2, "w"),
                        new TaskEvent.PlanFailed("j", "d", 2, "w", failure),
                        new TaskEvent.TrainingSubmitted("t", "d", training, NOW),
                        new TaskEvent.TrainingPlanned("t", "d", dataset),
                        new TaskEvent.SliceProgress("t", 0, 1, "w", 4, 1700, NOW),
                        new TaskEvent.SliceReturned("t", 0, 1, "w"),
                        new TaskEvent.SliceFailed("t", 0, 1, "w", failure))) {
            all.add(new Example(Schema.TASK_EVENT, event));
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyRecordFitsItsSchemaAndComesBackEqual(Example example) throws Exception {
        byte[] json = Json.write(example.record());
        assertThat(example.schema().check(Json.mapper().readTree(json))).isEmpty();
        assertThat((Object) Json.read(json, example.record().getClass()))
                .isEqualTo(example.record());
    }

    /** A field that the code writes and the schema does not know would go unnoticed otherwise. */
    @ParameterizedTest
    @MethodSource("examples")
    void everyFieldIsDescribedInTheSchema(Example example) throws Exception {
        JsonNode schema =
                Json.mapper()
                        .readTree(Schema.class.getResource("/schemas/" + example.schema().file()));
        if (schema.has("oneOf") && !schema.has("properties")) {
            String type = example.record().getClass().getSimpleName();
            for (JsonNode one : schema.get("oneOf")) {
                if (one.get("title").asText().equals(type)) {
                    schema = one;
                }
            }
        }
        var written = new TreeSet<String>();
        Json.mapper().valueToTree(example.record()).fieldNames().forEachRemaining(written::add);
        var described = new TreeSet<String>();
        schema.get("properties").fieldNames().forEachRemaining(described::add);
        assertThat(described).containsAll(written);
    }

    /** Forms show the schemas' defaults. */
    @ParameterizedTest
    @CsvSource({"TRANSLATION_JOB", "TRAINING_JOB"})
    void theSchemasDefaultsAreThoseOfTheRecords(Schema schema) throws Exception {
        JsonNode filled =
                schema == Schema.TRAINING_JOB
                        ? Json.mapper()
                                .valueToTree(
                                        Json.read(
                                                withValidation().getBytes(UTF_8),
                                                TrainingJob.class))
                        : Json.mapper().valueToTree(read(MINIMAL));
        JsonNode document;
        try (InputStream in = JsonTest.class.getResourceAsStream("/schemas/" + schema.file())) {
            document = Json.mapper().readTree(in);
        }
        List<String> compared = new ArrayList<>();
        compareDefaults(document, filled, "$", compared);
        assertThat(compared).hasSizeGreaterThan(7);
    }

    private static String withValidation() {
        return MINIMAL_TRAINING
                .strip()
                .replaceFirst(
                        "}$", ", \"validation\": {\"uri\": \"s3://b/v/\", \"earlyStopping\": {}}}");
    }

    private static void compareDefaults(
            JsonNode schema, JsonNode filled, String path, List<String> compared) {
        schema.path("properties")
                .properties()
                .forEach(
                        property -> {
                            String below = path + "." + property.getKey();
                            JsonNode value = filled.path(property.getKey());
                            JsonNode expected = property.getValue().path("default");
                            compareDefaults(property.getValue(), value, below, compared);
                            boolean isLeftOut = value.isMissingNode() && !expected.asBoolean();
                            if (expected.isBoolean() && isLeftOut) {
                                compared.add(below); // jobs' later fields are, for their digest
                            } else if (!expected.isMissingNode()) {
                                assertThat(value.asText())
                                        .describedAs(below)
                                        .satisfiesAnyOf(
                                                text ->
                                                        assertThat(text)
                                                                .isEqualTo(expected.asText()),
                                                text ->
                                                        assertThat(Double.parseDouble(text))
                                                                .isEqualTo(expected.asDouble()));
                                compared.add(below);
                            } else if (value.isValueNode() && !value.isNull()) {
                                assertThat(schema.path("required"))
                                        .describedAs("%s has the default %s", below, value)
                                        .extracting(JsonNode::asText)
                                        .contains(property.getKey());
                            }
                        });
    }

    @Test
    void fieldsLeftOutHaveTheirDefaults() {
        TranslationJob job = read(MINIMAL);
        assertThat(job.shardSize()).isEqualTo(256);
        assertThat(job.model().normalization()).isNull();
        assertThat(job.input().side()).isEqualTo(Side.WHOLE);
        assertThat(job.output().format()).isEqualTo(Format.PNG);
        assertThat(job.output().ifExists()).isEqualTo(IfExists.SKIP);
        assertThat(job.size())
                .isEqualTo(new TranslationJob.Size(TranslationJob.Size.Mode.RESIZE, 256, 256));
    }

    @Test
    void aTrainingJobHasTheReferencesDefaults() {
        TrainingJob job =
                Schema.TRAINING_JOB.read(
                        MINIMAL_TRAINING.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        assertThat(job.generator())
                .isEqualTo(new TrainingJob.Generator("unet_256", 64, 3, 3, "batch", true));
        assertThat(job.discriminator()).isEqualTo(new TrainingJob.Discriminator("basic", 64, 3));
        assertThat(job.training())
                .isEqualTo(
                        new TrainingJob.Training(
                                100, 100, 1, 2e-4, 0.5, 100.0, "vanilla", 286, 256, true, 42L,
                                "normal", "float32"));
        assertThat(job.validation()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'training': {'learningRate': 0} | $.training.learningRate",
                "'training': {'learningRate': -0.1} | $.training.learningRate",
                "'training': {'loadSize': 100, 'cropSize': 128} | cropSize 128 is larger than loadSize 100",
                "'training': {'epochs': 0, 'decayEpochs': 0} | both 0",
                "'discriminator': {'layers': 6} | $.discriminator.layers",
                "'checkpoint': {'keep': 0} | $.checkpoint.keep",
                "'validation': {} | 'uri'",
                "'initFrom': 's3://a/b.pth', 'resumeFrom': 's3://a/c/' | exclude each other"
            })
    void aTrainingJobThatCannotBeIsRefused(String field, String expected) {
        String json =
                MINIMAL_TRAINING.replace("\"output\"", field.replace('\'', '"') + ", \"output\"");
        assertThatThrownBy(
                        () ->
                                Schema.TRAINING_JOB.read(
                                        json.getBytes(StandardCharsets.UTF_8), TrainingJob.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void unknownFieldsAreIgnoredAndDoNotChangeTheDigest() {
        TranslationJob plain = read(MINIMAL);
        TranslationJob extra = read(MINIMAL.replace("{\"jobId\"", "{\"colour\": 7, \"jobId\""));
        TranslationJob spelled =
                read(MINIMAL.replace("\"output\": {", "\"output\": {\"format\":\"png\","));
        assertThat(extra).isEqualTo(plain);
        assertThat(Json.digest(spelled)).isEqualTo(Json.digest(plain));
        assertThat(Json.digest(read(MINIMAL.replace("tiles", "other"))))
                .isNotEqualTo(Json.digest(plain));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreNamedByTheirPath(String json, String expected) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected);
    }

    static Stream<org.junit.jupiter.params.provider.Arguments> mistakes() {
        return Map.of(
                        "{",
                        "No valid JSON",
                        "[1]",
                        "Expected a JSON object",
                        MINIMAL.replace("\"jobId\"", "\"id\""),
                        "'jobId'",
                        MINIMAL.replace("maps-001\", \"model", "a b\", \"model"),
                        "$.jobId",
                        MINIMAL.replace("s3://models/g.pt", "/tmp/g.pt"),
                        "$.model.uri",
                        MINIMAL.replace("\"output\": {", "\"output\": {\"format\": \"bmp\","),
                        "$.output.format",
                        MINIMAL.replace("\"output\": {", "\"shardSize\": \"x\", \"output\": {"),
                        "$.shardSize",
                        MINIMAL.replace("\"output\": {", "\"shardSize\": 1001, \"output\": {"),
                        "$.shardSize",
                        MINIMAL.replace(
                                "\"output\": {", "\"size\": {\"mode\": \"tile\"}, \"output\": {"),
                        "$.size.mode")
                .entrySet()
                .stream()
                .map(e -> org.junit.jupiter.params.provider.Arguments.of(e.getKey(), e.getValue()));
    }

    @Test
    void everyMistakeIsNamedAtOnce() {
        assertThatThrownBy(() -> read("{\"jobId\": \"x\", \"model\": {}}"))
                .hasMessageContaining("'uri'")
                .hasMessageContaining("'input'")
                .hasMessageContaining("'output'");
    }

    private static TranslationJob read(String json) {
        return Schema.TRANSLATION_JOB.read(
                json.getBytes(StandardCharsets.UTF_8), TranslationJob.class);
    }

    @Test
    void aNullFieldIsLeftOut() {
        ObjectNode tree = Json.mapper().valueToTree(read(MINIMAL));
        assertThat(tree.get("model").has("normalization")).isFalse();
    }
}
