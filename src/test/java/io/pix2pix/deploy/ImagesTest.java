package io.pix2pix.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The images' files fit the build; that the images themselves work takes Docker. */
class ImagesTest {
    private static final String POM = Files.text("pom.xml");

    @ParameterizedTest
    @ValueSource(strings = {"deploy/Dockerfile", "deploy/Dockerfile.cuda"})
    void whatIsCopiedIsSentToTheBuild(String file) {
        Set<String> copied = Files.found("(?m)^COPY ([.\\w/-]+) ", Files.text(file));
        assertThat(copied).contains("pom.xml", "src", ".mvn");
        String sent = Files.text(".dockerignore");
        for (String path : copied) {
            assertThat(Path.of(path)).exists();
            boolean folder = java.nio.file.Files.isDirectory(Path.of(path));
            assertThat(sent.lines()).contains("!" + path + (folder ? "/**" : ""));
        }
    }

    /** The engine looks for it by this name only, and unpacks it into no folder that is missing. */
    @Test
    void theLibraryThatJoinsJavaAndCudaLiesWhereTheEngineLooks() {
        String djl = version("djl");
        String pytorch = version("pytorch");
        String file = Files.text("deploy/Dockerfile.cuda");
        assertThat(file)
                .contains(
                        "ai.djl.pytorch.pytorch-jni-" + pytorch + "-" + djl + ".jar",
                        "/natives/pytorch/%s-cu128-linux-x86_64/%s-libdjl_torch.so"
                                .formatted(pytorch, djl),
                        "PYTORCH_VERSION=" + pytorch + " ",
                        "PYTORCH_FLAVOR=cu128 ",
                        "FROM pytorch/pytorch:" + pytorch + "-cuda12.8-");
        assertThat(ImagesTest.class.getResource("/jnilib/linux-x86_64/cu128/libdjl_torch.so"))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"deploy/Dockerfile", "deploy/Dockerfile.cuda"})
    void processesAreNobodyInParticularAndWriteInTwoFoldersOnly(String file) {
        String text = Files.text(file);
        assertThat(Files.found("(?m)^USER (.*)$", text)).containsExactly("10001:10001");
        for (String folder : Files.found("(PIX2PIX_\\w+(?:DIRECTORY|SCRATCH)=\\S+)", text)) {
            assertThat(folder.substring(folder.indexOf('=') + 1)).startsWith("/var/cache/pix2pix/");
        }
        assertThat(text)
                .contains(
                        "VOLUME /tmp /var/cache/pix2pix",
                        "ENTRYPOINT [\"/opt/pix2pix/entrypoint.sh\"]");
        assertThat(Path.of("deploy/entrypoint.sh")).isExecutable();
        // What is unpacked by root is readable to root only, unless it is told otherwise.
        assertThat(text).contains("&& chmod -R a+rX /natives\n");
    }

    /** The container's first process gets the signals, so it has to be Java itself. */
    @Test
    void theEntryPointBecomesJava(@TempDir Path folder) throws Exception {
        Path fake =
                java.nio.file.Files.writeString(
                        folder.resolve("java"), "#!/bin/sh\necho $$ \"$@\"\n");
        assertThat(fake.toFile().setExecutable(true)).isTrue();
        ProcessBuilder builder = new ProcessBuilder("deploy/entrypoint.sh", "worker", "a b");
        builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
        builder.environment().put("PIX2PIX_JAVA_OPTS", "-XX:MaxRAMPercentage=60 -Dx=y");
        builder.environment().remove("APPLICATION_JAR");
        Process process = builder.redirectErrorStream(true).start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).describedAs(output).isZero();
        assertThat(output)
                .startsWith(process.pid() + " -XX:MaxRAMPercentage=33 ")
                .endsWith(
                        "-XX:MaxRAMPercentage=60 -Dx=y -jar /opt/pix2pix/app/quarkus-run.jar worker a b");
    }

    @Test
    void theComposedBrokerIsTheTestedOneAndKeepsItsDataInItsVolume() {
        JsonNode services = Files.yaml("deploy/compose.yaml").get(0).path("services");
        JsonNode kafka = services.path("kafka");
        assertThat(kafka.path("image").asText()).isEqualTo("apache/kafka:" + version("kafka"));
        assertThat(kafka.at("/volumes/0").asText())
                .endsWith(":" + kafka.at("/environment/KAFKA_LOG_DIRS").asText());
    }

    @Test
    void theComposedStorageHasTheKeysThatTheApplicationHas() throws Exception {
        Properties s3 = new Properties();
        s3.load(new java.io.StringReader(Files.text("deploy/s3proxy.properties")));
        JsonNode settings = Files.yaml("deploy/compose.yaml").get(0).path("x-settings");
        assertThat(settings.path("PIX2PIX_STORAGE_ACCESS_KEY").asText())
                .isEqualTo(s3.getProperty("s3proxy.identity"));
        assertThat(settings.path("PIX2PIX_STORAGE_SECRET_KEY").asText())
                .isEqualTo(s3.getProperty("s3proxy.credential"));
    }

    private static String version(String what) {
        return Files.found("<" + what + "\\.version>(.*)</", POM).iterator().next();
    }
}
