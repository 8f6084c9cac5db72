package io.pix2pix.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Records as released versions wrote them, one of each type a line, taken from real topics. They
 * are never changed: each new version adds a folder of its own.
 */
class EarlierVersionsTest {
    private static final Path RECORDS = Path.of("src", "test", "resources", "records");

    private static final Map<String, Class<?>> TYPES =
            Map.ofEntries(
                    Map.entry("translation-jobs", TranslationJob.class),
                    Map.entry("training-jobs", TrainingJob.class),
                    Map.entry("job-commands", JobCommand.class),
                    Map.entry("translation-tasks", TranslationTask.class),
                    Map.entry("training-tasks", TrainingTask.class),
                    Map.entry("report-tasks", ReportTask.class),
                    Map.entry("task-events", TaskEvent.class),
                    Map.entry("translation-results", TranslationResult.class),
                    Map.entry("training-events", TrainingEvent.class),
                    Map.entry("job-status", JobStatus.class));

    /** What it says is what this version understands, with nothing lost. */
    @TestFactory
    Stream<DynamicTest> everyRecordIsReadAndWrittenAsItWas() throws IOException {
        return files().stream()
                .flatMap(
                        file ->
                                lines(file).stream()
                                        .map(
                                                line ->
                                                        DynamicTest.dynamicTest(
                                                                file + ": " + line,
                                                                () -> readAndWritten(file, line))));
    }

    private static void readAndWritten(Path file, String line) throws IOException {
        JsonNode before = Json.mapper().readTree(line);
        Object record = Json.read(line.getBytes(UTF_8), TYPES.get(topic(file)));
        JsonNode after = Json.mapper().readTree(Json.write(record));
        assertHolds("$", after, before);
    }

    /** What a record says has to stay; defaults that its writer left out may be added. */
    private static void assertHolds(String path, JsonNode after, JsonNode before) {
        if (before.isObject()) {
            assertThat(after).describedAs(path).isNotNull();
            for (Map.Entry<String, JsonNode> field : before.properties()) {
                String below = path + "." + field.getKey();
                assertHolds(below, after.get(field.getKey()), field.getValue());
            }
        } else {
            assertThat(after).describedAs(path).isEqualTo(before);
        }
    }

    @Test
    void eachVersionsFolderHasEachTopic() throws IOException {
        Map<Path, Set<String>> topics =
                files().stream()
                        .collect(
                                Collectors.groupingBy(
                                        Path::getParent,
                                        Collectors.mapping(
                                                EarlierVersionsTest::topic,
                                                Collectors.toCollection(TreeSet::new))));
        assertThat(topics).isNotEmpty();
        assertThat(topics.values()).allMatch(each -> each.equals(new TreeSet<>(TYPES.keySet())));
    }

    /** A job that a worker of an earlier version took is no other job to one of this version. */
    @Test
    void aJobHasTheDigestThatItHad() throws IOException {
        int compared = 0;
        for (Path file : files()) {
            if (topic(file).equals("task-events")) {
                for (String line : lines(file)) {
                    JsonNode event = Json.mapper().readTree(line);
                    if (event.has("job")) {
                        TaskEvent read = Json.read(line.getBytes(UTF_8), TaskEvent.class);
                        Object job =
                                read instanceof TaskEvent.JobSubmitted e
                                        ? e.job()
                                        : ((TaskEvent.TrainingSubmitted) read).job();
                        assertThat(Json.digest(job)).isEqualTo(event.path("digest").asText());
                        compared++;
                    }
                }
            }
        }
        assertThat(compared).describedAs("jobs of both kinds").isGreaterThanOrEqualTo(2);
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(RECORDS)) {
            return all.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
        }
    }

    private static String topic(Path file) {
        return file.getFileName().toString().replace(".jsonl", "");
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
