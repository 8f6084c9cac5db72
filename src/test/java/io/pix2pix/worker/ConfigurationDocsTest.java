package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.testing.MarkdownTables;
import io.pix2pix.worker.KnownProperties.Property;
import io.smallrye.config.ConfigMapping;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/configuration.md says what the mapping interfaces say. */
class ConfigurationDocsTest {
    private static final Path SOURCES = Path.of("src", "main", "java");

    /** One line of the tables. */
    private record Documented(String variable, String defaultValue, String allowed, String role) {}

    private final Map<String, Documented> documented = read();

    private static Map<String, Documented> read() {
        Map<String, Documented> found = new TreeMap<>();
        for (List<String> row : MarkdownTables.rows(Path.of("docs", "configuration.md"))) {
            String name = row.get(0).replace("`", "");
            if (!name.equals("property")) {
                Documented line =
                        new Documented(
                                row.get(1).replace("`", ""), row.get(2), row.get(3), row.get(5));
                assertThat(found.put(name, line)).describedAs("twice: " + name).isNull();
            }
        }
        return found;
    }

    @Test
    void everyPropertyIsThereAndNoOther() {
        assertThat(ours().keySet())
                .containsExactlyElementsOf(
                        KnownProperties.all().stream().map(Property::name).toList());
    }

    @Test
    void variablesAndDefaultsAreThoseOfTheInterfaces() {
        for (Property property : KnownProperties.all()) {
            Documented line = documented.get(property.name());
            assertThat(line.variable()).isEqualTo(property.variable());
            if (property.defaultValue() != null) {
                assertThat(line.defaultValue())
                        .describedAs(property.name())
                        .isEqualTo("`" + property.defaultValue() + "`");
            }
            assertThat(line.allowed()).describedAs(property.name()).isNotBlank();
        }
    }

    @Test
    void rolesAreOurs() {
        assertThat(documented.values())
                .allSatisfy(
                        line ->
                                assertThat(line.role().split(", "))
                                        .isSubsetOf("all", "coordinator", "translator", "trainer"));
    }

    @Test
    void defaultsOfQuarkusPropertiesAreThoseWeSet() throws IOException {
        Properties set = new Properties();
        try (InputStream file =
                Configuration.class.getResourceAsStream("/application.properties")) {
            set.load(file);
        }
        Map<String, Documented> theirs =
                documented.entrySet().stream()
                        .filter(line -> line.getKey().startsWith("quarkus."))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        assertThat(theirs)
                .containsKeys(
                        "quarkus.http.host",
                        "quarkus.http.port",
                        "quarkus.log.console.json.enabled");
        theirs.forEach(
                (name, line) ->
                        assertThat(line.defaultValue())
                                .describedAs(name)
                                .isEqualTo("`" + set.getProperty(name, "INFO") + "`"));
    }

    /** Whoever adds an interface adds it to what is checked and documented. */
    @Test
    void noMappingInterfaceIsForgotten() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<String> found =
                    files.filter(file -> file.toString().endsWith("Config.java"))
                            .map(file -> SOURCES.relativize(file).toString())
                            .map(file -> file.replace(".java", "").replace('/', '.'))
                            .filter(ConfigurationDocsTest::isMapping)
                            .toList();
            assertThat(KnownProperties.MAPPINGS.stream().map(Class::getName))
                    .containsExactlyInAnyOrderElementsOf(found);
        }
    }

    private static boolean isMapping(String className) {
        try {
            return Class.forName(className).isAnnotationPresent(ConfigMapping.class);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private Map<String, Documented> ours() {
        Map<String, Documented> found = new TreeMap<>(documented);
        found.keySet().removeIf(name -> name.startsWith("quarkus."));
        return found;
    }
}
