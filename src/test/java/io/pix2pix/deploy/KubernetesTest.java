package io.pix2pix.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.messaging.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files for Kubernetes name nothing that is not there. */
class KubernetesTest {
    private static final List<JsonNode> BASE = Files.base();

    @Test
    void everySettingIsOneOfTheApplications() throws IOException {
        Set<String> documented =
                Files.found(
                        "\\| `((?:PIX2PIX|QUARKUS)_\\w+)` \\|",
                        Files.text("docs/configuration.md"));
        StringBuilder all = new StringBuilder();
        for (String folder : List.of("k8s", "deploy")) {
            try (Stream<Path> files = java.nio.file.Files.walk(Path.of(folder))) {
                files.filter(java.nio.file.Files::isRegularFile)
                        .forEach(file -> all.append(Files.text(file.toString())));
            }
        }
        Set<String> used = Files.found("\\b(PIX2PIX_\\w+)", all.toString());
        used.removeAll(Set.of("PIX2PIX_JAVA_OPTS", "PIX2PIX_APP")); // the entry point's
        assertThat(used).hasSizeGreaterThan(10);
        assertThat(documented).containsAll(used);
    }

    @Test
    void topicsAreThoseOfTheApplication() {
        Set<String> expected = new TreeSet<>();
        for (Topic topic : Topic.values()) {
            expected.add(topic.named("pix2pix."));
        }
        assertThat(Files.names(BASE, "KafkaTopic")).isEqualTo(expected);
        for (JsonNode topic : Files.of(BASE, "KafkaTopic")) {
            String name = topic.at("/metadata/name").asText();
            boolean queue =
                    Stream.of(Topic.values())
                            .filter(t -> t.kind() == Topic.Kind.QUEUE)
                            .anyMatch(t -> t.named("pix2pix.").equals(name));
            assertThat(topic.at("/spec/partitions").asInt() == 1)
                    .describedAs(name)
                    .isEqualTo(queue);
        }
    }

    /** What the table says is what {@code SecureKafkaIT} shows to suffice. */
    @Test
    void usersMayDoWhatTheTableOfAclsSays() {
        for (JsonNode user : Files.of(BASE, "KafkaUser")) {
            String role = user.at("/metadata/name").asText().substring("pix2pix-".length());
            Set<String> granted = new TreeSet<>();
            for (JsonNode acl : user.at("/spec/authorization/acls")) {
                JsonNode resource = acl.path("resource");
                boolean prefix = resource.path("patternType").asText().equals("prefix");
                acl.path("operations")
                        .forEach(
                                operation ->
                                        granted.add(
                                                resource.path("type").asText()
                                                        + " "
                                                        + resource.path("name").asText()
                                                        + (prefix ? "*" : "")
                                                        + " "
                                                        + operation.asText()));
            }
            Set<String> documented = new TreeSet<>();
            for (String line : Files.text("docs/security.md").lines().toList()) {
                String[] cells = line.split("\\|");
                if (cells.length != 5) {
                    continue;
                }
                String who = cells[1].strip();
                String type = cells[2].strip().replace("transactional-id", "transactionalId");
                boolean applies =
                        who.equals("all")
                                || who.equals(role)
                                || (who.equals("set-up") && role.equals("coordinator"));
                if (applies && Set.of("topic", "group", "transactionalId").contains(type)) {
                    for (String operation : cells[4].strip().split(", ")) {
                        documented.add(
                                type + " " + cells[3].strip().replace("`", "") + " " + operation);
                    }
                }
            }
            assertThat(documented).hasSizeGreaterThan(5);
            assertThat(granted).describedAs(role).isEqualTo(documented);
        }
        assertThat(Files.names(BASE, "KafkaUser"))
                .containsExactly("pix2pix-coordinator", "pix2pix-trainer", "pix2pix-translator");
    }

    @Test
    void workersScaleByTheBacklogOfTheirQueue() {
        Set<String> deployments = Files.names(BASE, "Deployment");
        List<JsonNode> scaled = Files.of(BASE, "ScaledObject");
        assertThat(scaled).hasSize(2);
        for (JsonNode object : scaled) {
            String target = object.at("/spec/scaleTargetRef/name").asText();
            assertThat(deployments).contains(target);
            JsonNode trigger = object.at("/spec/triggers/0");
            String kind = target.equals("pix2pix-trainer") ? "training" : "translation";
            assertThat(trigger.at("/metadata/url").asText())
                    .endsWith(":8080/api/v1/backlog/" + kind)
                    .contains("//" + Files.names(BASE, "Service").iterator().next() + ".");
            assertThat(Files.text("docs/api.md")).contains("/backlog/" + kind);
            assertThat(Files.names(BASE, "TriggerAuthentication"))
                    .contains(trigger.at("/authenticationRef/name").asText());
            assertThat(object.at("/spec/minReplicaCount").asInt(-1)).isZero();
        }
    }

    @Test
    void podsAreWatchedRestrictedAndGivenTimeToLeave() {
        JsonNode settings = Files.of(BASE, "ConfigMap").get(0).path("data");
        int drain = Integer.parseInt(settings.path("PIX2PIX_TASK_DRAIN").asText().replace("s", ""));
        for (JsonNode deployment : Files.of(BASE, "Deployment")) {
            JsonNode pod = deployment.at("/spec/template/spec");
            JsonNode container = pod.at("/containers/0");
            assertThat(pod.path("terminationGracePeriodSeconds").asInt()).isGreaterThan(drain + 7);
            assertThat(container.at("/ports/0/name").asText()).isEqualTo("http");
            assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(8080);
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                assertThat(container.path(probe).at("/httpGet/port").asText()).isEqualTo("http");
            }
            assertThat(container.at("/livenessProbe/httpGet/path").asText())
                    .isEqualTo("/q/health/live");
            assertThat(container.at("/readinessProbe/httpGet/path").asText())
                    .isEqualTo("/q/health/ready");
            assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                    .isTrue();
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(Files.names(BASE, "ServiceAccount"))
                    .contains(pod.path("serviceAccountName").asText());
            Set<String> volumes = new TreeSet<>();
            pod.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
            container
                    .path("volumeMounts")
                    .forEach(mount -> assertThat(volumes).contains(mount.path("name").asText()));
        }
        assertThat(Files.names(BASE, "PodDisruptionBudget"))
                .isEqualTo(Files.names(BASE, "Deployment"));
    }

    @Test
    void noSecretIsInAnyFile() {
        assertThat(Files.of(BASE, "Secret")).isEmpty();
        for (JsonNode deployment : Files.of(BASE, "Deployment")) {
            for (JsonNode env : deployment.at("/spec/template/spec/containers/0/env")) {
                assertThat(env.path("name").asText()).doesNotContain("PASSWORD", "SECRET_KEY");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "aws-irsa"})
    void overlaysAreBuilt(String overlay) throws Exception {
        assumeTrue(hasKustomize(), "Skipped: needs kubectl with kustomize 5");
        List<JsonNode> built =
                Files.documents(run("kubectl", "kustomize", "k8s/overlays/" + overlay));
        assertThat(Files.names(built, "Deployment")).isEqualTo(Files.names(BASE, "Deployment"));
        for (JsonNode deployment : Files.of(built, "Deployment")) {
            boolean worker = !deployment.at("/metadata/name").asText().contains("coordinator");
            boolean gpu = worker && !overlay.equals("cpu");
            JsonNode container = deployment.at("/spec/template/spec/containers/0");
            assertThat(container.path("image").asText())
                    .isEqualTo(gpu ? "pix2pix:0.1.0-cuda" : "pix2pix:0.1.0");
            assertThat(container.at("/resources/limits").has("nvidia.com/gpu")).isEqualTo(gpu);
            assertThat(deployment.at("/spec/template/spec").has("tolerations")).isEqualTo(gpu);
        }
        assertThat(
                        Files.of(built, "ServiceAccount")
                                .get(0)
                                .at("/metadata/annotations")
                                .has("eks.amazonaws.com/role-arn"))
                .isEqualTo(overlay.equals("aws-irsa"));
    }

    private static boolean hasKustomize() {
        try {
            return run("kubectl", "version", "--client").contains("Kustomize Version: v5");
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).describedAs(output).isZero();
        return output;
    }
}
