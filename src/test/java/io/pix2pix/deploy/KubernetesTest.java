package io.pix2pix.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.pix2pix.messaging.MessagingConfig;
import io.pix2pix.messaging.Topic;
import io.pix2pix.messaging.Topics;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files for Kubernetes name nothing that is not there. */
class KubernetesTest {
    private static final List<JsonNode> BASE = Files.base();
    private static final List<JsonNode> KAFKA = Files.yaml("k8s/examples/kafka.yaml");

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
        used.removeAll(Set.of("PIX2PIX_JAVA_OPTS")); // the entry point's
        assertThat(used).hasSizeGreaterThan(10);
        assertThat(documented).containsAll(used);
    }

    @Test
    void topicsAreAsTheApplicationWouldMakeThem() {
        Map<String, String> environment = new TreeMap<>();
        configMap("pix2pix")
                .properties()
                .forEach(e -> environment.put(e.getKey(), e.getValue().asText()));
        MessagingConfig config =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .withSources(new EnvConfigSource(environment, 1))
                        .withMapping(MessagingConfig.class)
                        .withValidateUnknown(false)
                        .build()
                        .getConfigMapping(MessagingConfig.class);
        Map<String, NewTopic> expected = new TreeMap<>();
        for (Topic topic : Topic.values()) {
            NewTopic made = Topics.describe(topic, config);
            expected.put(made.name(), made);
        }
        assertThat(Files.names(BASE, "KafkaTopic")).isEqualTo(expected.keySet());
        for (JsonNode topic : Files.of(BASE, "KafkaTopic")) {
            String name = topic.at("/metadata/name").asText();
            NewTopic made = expected.get(name);
            assertThat(topic.at("/spec/partitions").asInt())
                    .describedAs(name)
                    .isEqualTo(made.numPartitions());
            assertThat(topic.at("/spec/replicas").asInt())
                    .describedAs(name)
                    .isEqualTo(made.replicationFactor());
            Map<String, String> settings = new TreeMap<>();
            topic.at("/spec/config")
                    .properties()
                    .forEach(e -> settings.put(e.getKey(), e.getValue().asText()));
            assertThat(settings).describedAs(name).isEqualTo(made.configs());
        }
    }

    @Test
    void theSampleClusterIsTheOneThatUsersAndSettingsExpect() {
        KAFKA.forEach(Manifests::read);
        JsonNode kafka = Files.of(KAFKA, "Kafka").get(0);
        String cluster = kafka.at("/metadata/name").asText();
        assertThat(kafka.at("/spec/kafka/listeners")).hasSize(1);
        JsonNode listener = kafka.at("/spec/kafka/listeners/0");
        assertThat(listener.path("tls").asBoolean()).isTrue();
        assertThat(configMap("pix2pix").path("PIX2PIX_KAFKA_BOOTSTRAP_SERVERS").asText())
                .isEqualTo(cluster + "-kafka-bootstrap:" + listener.path("port").asInt());
        for (JsonNode user : Files.of(BASE, "KafkaUser")) {
            assertThat(listener.path("authentication")).isEqualTo(user.at("/spec/authentication"));
            assertThat(kafka.at("/spec/kafka/authorization/type"))
                    .isEqualTo(user.at("/spec/authorization/type"));
        }
        JsonNode pool = Files.of(KAFKA, "KafkaNodePool").get(0);
        List<JsonNode> parts = new ArrayList<>(Files.of(BASE, "KafkaUser"));
        parts.addAll(Files.of(BASE, "KafkaTopic"));
        parts.add(pool);
        for (JsonNode part : parts) {
            assertThat(part.at("/metadata/labels").path("strimzi.io/cluster").asText())
                    .isEqualTo(cluster);
        }
        assertThat(pool.at("/spec/replicas").asInt())
                .isGreaterThanOrEqualTo(
                        Files.of(BASE, "KafkaTopic").get(0).at("/spec/replicas").asInt());
        assertThat(kafka.at("/spec/kafka/config").path("group.share.delivery.count.limit").asLong())
                .isGreaterThanOrEqualTo(documentedDefault("PIX2PIX_TASK_ATTEMPTS"));
    }

    private static long documentedDefault(String setting) {
        return Long.parseLong(
                Files.found(
                                "\\| `" + setting + "` \\| `(\\d+)`",
                                Files.text("docs/configuration.md"))
                        .iterator()
                        .next());
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
        JsonNode service = Files.of(BASE, "Service").get(0);
        String address =
                "https://%s.pix2pix.svc:%d/api/v1/backlog/"
                        .formatted(
                                service.at("/metadata/name").asText(),
                                service.at("/spec/ports/0/port").asInt());
        List<JsonNode> scaled = Files.of(BASE, "ScaledObject");
        assertThat(scaled).hasSize(2);
        for (JsonNode object : scaled) {
            String target = object.at("/spec/scaleTargetRef/name").asText();
            assertThat(deployments).contains(target);
            JsonNode trigger = object.at("/spec/triggers/0");
            String kind = target.equals("pix2pix-trainer") ? "training" : "translation";
            assertThat(trigger.at("/metadata/url").asText()).isEqualTo(address + kind);
            // The example differs by what belongs to it only.
            if (kind.equals("translation")) {
                assertThat(example()).isEqualTo(object.at("/spec/triggers"));
            }
            assertThat(Files.names(BASE, "TriggerAuthentication"))
                    .contains(trigger.at("/authenticationRef/name").asText());
            assertThat(object.at("/spec/minReplicaCount").asInt(-1)).isZero();
        }
    }

    private static JsonNode example() {
        String yaml =
                Files.found("(?s)```yaml\n(triggers:.*?)```", Files.text("docs/api.md"))
                        .iterator()
                        .next();
        return Files.documents(yaml).get(0).path("triggers");
    }

    @Test
    void podsAreWatchedRestrictedAndGivenTimeToLeave() {
        int drain =
                Integer.parseInt(
                        configMap("pix2pix").path("PIX2PIX_TASK_DRAIN").asText().replace("s", ""));
        for (JsonNode deployment : Files.of(BASE, "Deployment")) {
            String name = deployment.at("/metadata/name").asText();
            boolean tls = name.equals("pix2pix-coordinator");
            JsonNode pod = deployment.at("/spec/template/spec");
            JsonNode container = pod.at("/containers/0");
            int before = container.at("/lifecycle/preStop/exec/command/1").asInt();
            assertThat(pod.path("terminationGracePeriodSeconds").asInt())
                    .isGreaterThan(before + drain + 7);
            // Who answers requests goes on until nobody sends any.
            assertThat(before > 0).describedAs(name).isEqualTo(tls);
            JsonNode port = container.at("/ports/0");
            assertThat(port.path("containerPort").asInt())
                    .describedAs(name)
                    .isEqualTo(tls ? 8443 : 8080);
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                JsonNode request = container.path(probe).path("httpGet");
                assertThat(request.path("port")).isEqualTo(port.path("name"));
                assertThat(request.path("scheme").asText("HTTP")).isEqualTo(tls ? "HTTPS" : "HTTP");
                assertThat(request.path("path").asText())
                        .describedAs("%s of %s", probe, name)
                        .isEqualTo(
                                probe.equals("readinessProbe")
                                        ? "/q/health/ready"
                                        : "/q/health/live");
            }
            assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                    .isTrue();
            assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                    .isFalse();
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(Files.names(BASE, "ServiceAccount"))
                    .contains(pod.path("serviceAccountName").asText());
            Set<String> volumes = new TreeSet<>();
            pod.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
            Set<String> mounts = new TreeSet<>();
            for (JsonNode mount : container.path("volumeMounts")) {
                assertThat(volumes).contains(mount.path("name").asText());
                mounts.add(mount.path("mountPath").asText());
            }
            assertThat(mounts).contains("/tmp", "/var/cache/pix2pix");
            for (String file : filesOf(container)) {
                assertThat(mounts).describedAs(name).contains(file.replaceFirst("/[^/]*$", ""));
            }
        }
        assertThat(Files.names(BASE, "PodDisruptionBudget"))
                .isEqualTo(Files.names(BASE, "Deployment"));
    }

    /** Variables that are named in others come before them. */
    @Test
    void workersCountTheCoresAndAskForTheDiskThatTheyUse() {
        for (String role : List.of("translator", "trainer")) {
            JsonNode pod = deployment("pix2pix-" + role).at("/spec/template/spec");
            JsonNode container = pod.at("/containers/0");
            List<String> variables = new ArrayList<>();
            Map<String, JsonNode> values = new TreeMap<>();
            for (JsonNode variable : container.path("env")) {
                variables.add(variable.path("name").asText());
                values.put(variable.path("name").asText(), variable);
            }
            assertThat(values.get("CPUS").at("/valueFrom/resourceFieldRef/resource").asText())
                    .isEqualTo("requests.cpu");
            assertThat(values.get("PIX2PIX_JAVA_OPTS").path("value").asText())
                    .isEqualTo("-XX:ActiveProcessorCount=$(CPUS)");
            assertThat(variables).containsSubsequence("CPUS", "PIX2PIX_JAVA_OPTS");
            long cache =
                    documentedDefault(
                            role.equals("trainer")
                                    ? "PIX2PIX_DATASET_CACHE_BYTES"
                                    : "PIX2PIX_TRANSLATION_MODEL_CACHE_MAX_BYTES");
            long volumes = 0;
            for (JsonNode volume : pod.path("volumes")) {
                if (volume.has("emptyDir")) {
                    volumes += bytes(volume.at("/emptyDir/sizeLimit"));
                }
            }
            assertThat(bytes(container.at("/resources/requests/ephemeral-storage")))
                    .isGreaterThan(cache)
                    .isLessThan(volumes);
        }
    }

    private static long bytes(JsonNode quantity) {
        return Quantity.getAmountInBytes(Quantity.parse(quantity.asText())).longValueExact();
    }

    /** Those that settings lead to. */
    private static Set<String> filesOf(JsonNode container) {
        StringBuilder settings = new StringBuilder(configMap("pix2pix").toString());
        settings.append(container.path("env"));
        if (settings.indexOf("QUARKUS_CONFIG_LOCATIONS") >= 0) {
            settings.append(configMap("pix2pix-coordinator").path("application.properties"));
        }
        return Files.found("(/etc/pix2pix/[\\w./-]+)", settings.toString().replace("\\n", " "));
    }

    @Test
    void onlyWorkersMayChangePodsAndNothingElse() {
        for (JsonNode deployment : Files.of(BASE, "Deployment")) {
            JsonNode pod = deployment.at("/spec/template/spec");
            boolean worker = !deployment.at("/metadata/name").asText().contains("coordinator");
            assertThat(pod.path("serviceAccountName").asText())
                    .isEqualTo(worker ? "pix2pix-worker" : "pix2pix-coordinator");
            assertThat(pod.path("automountServiceAccountToken").asBoolean()).isEqualTo(worker);
            Set<String> variables = new TreeSet<>();
            pod.at("/containers/0/env").forEach(e -> variables.add(e.path("name").asText()));
            assertThat(variables.containsAll(Set.of("POD_NAME", "POD_NAMESPACE")))
                    .isEqualTo(worker);
        }
        Files.of(BASE, "ServiceAccount")
                .forEach(
                        account ->
                                assertThat(
                                                account.path("automountServiceAccountToken")
                                                        .asBoolean(true))
                                        .isFalse());
        JsonNode role = Files.of(BASE, "Role").get(0);
        assertThat(role.path("rules").toString())
                .isEqualTo(
                        "[{\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"verbs\":[\"patch\"]}]");
        JsonNode binding = Files.of(BASE, "RoleBinding").get(0);
        assertThat(binding.at("/roleRef/name")).isEqualTo(role.at("/metadata/name"));
        assertThat(binding.path("subjects").toString())
                .isEqualTo("[{\"kind\":\"ServiceAccount\",\"name\":\"pix2pix-worker\"}]");
    }

    /** Whoever may talk to a port may talk to one that is there. */
    @Test
    void portsThatAreOpenAreThoseThatPodsHave() {
        assertThat(policy("pix2pix-coordinator").at("/spec/ingress/0/ports/0/port").asInt())
                .isEqualTo(8443);
        JsonNode service = Files.of(BASE, "Service").get(0);
        JsonNode target = deployment(service.at("/metadata/name").asText());
        assertThat(service.at("/spec/ports/0/targetPort"))
                .isEqualTo(target.at("/spec/template/spec/containers/0/ports/0/name"));
        assertThat(service.at("/spec/selector"))
                .isEqualTo(target.at("/spec/template/metadata/labels"));
    }

    /** Names may be served by the node, which no selector of pods finds. */
    @Test
    void podsReachNamesKafkaAndHttps() {
        Map<Integer, String> reached = new TreeMap<>();
        for (JsonNode rule : policy("pix2pix").at("/spec/egress")) {
            for (JsonNode port : rule.path("ports")) {
                reached.put(port.path("port").asInt(), rule.path("to").toString());
            }
        }
        String kafka = configMap("pix2pix").path("PIX2PIX_KAFKA_BOOTSTRAP_SERVERS").asText();
        assertThat(reached)
                .containsOnlyKeys(
                        53, 80, 443, Integer.parseInt(kafka.substring(kafka.indexOf(':') + 1)));
        assertThat(reached.get(53)).isEmpty();
        assertThat(reached.get(443)).isEmpty();
        assertThat(reached.get(80)).contains("\"169.254.170.23/32\"");
        assertThat(reached.get(9093))
                .contains(
                        "\"strimzi.io/cluster\":"
                                + Files.of(KAFKA, "Kafka").get(0).at("/metadata/name"));
    }

    private static JsonNode policy(String name) {
        return named("NetworkPolicy", name);
    }

    private static JsonNode deployment(String name) {
        return named("Deployment", name);
    }

    private static JsonNode named(String kind, String name) {
        return Files.of(BASE, kind).stream()
                .filter(object -> object.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow();
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
        requireInCi(has("kubectl"), "kubectl (apt-get install kubernetes-client)");
        List<JsonNode> built =
                Files.documents(run("kubectl", "kustomize", "k8s/overlays/" + overlay));
        built.forEach(Manifests::read);
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
        for (JsonNode object : built) {
            boolean inNone =
                    object.path("kind").asText().equals("Namespace")
                            || object.path("kind").asText().startsWith("ValidatingAdmission");
            assertThat(object.at("/metadata").has("namespace"))
                    .describedAs("%s", object)
                    .isNotEqualTo(inNone);
        }
        assertThat(Files.names(built, "ValidatingAdmissionPolicy"))
                .isEqualTo(Files.names(built, "ValidatingAdmissionPolicyBinding"))
                .hasSize(1);
        for (JsonNode account : Files.of(built, "ServiceAccount")) {
            assertThat(account.at("/metadata/annotations").has("eks.amazonaws.com/role-arn"))
                    .isEqualTo(overlay.equals("aws-irsa"));
        }
    }

    @Test
    void everyFieldIsOneThatItsKindHas() {
        for (JsonNode document : BASE) {
            assertThat(Manifests.read(document)).isNotNull();
        }
        ObjectNode misspelt = Files.of(BASE, "Deployment").get(0).deepCopy();
        ((ObjectNode) misspelt.at("/spec/template/spec")).put("terminationGracePeriod", 1);
        assertThatThrownBy(() -> Manifests.read(misspelt))
                .hasMessageContaining("terminationGracePeriod");
    }

    private static JsonNode configMap(String name) {
        return named("ConfigMap", name).path("data");
    }

    /** Skips the test where a program is missing; with {@code CI} set it fails. */
    static void requireInCi(boolean there, String what) {
        if (System.getenv("CI") != null) {
            assertThat(there).describedAs("%s is installed", what).isTrue();
        }
        assumeTrue(there, "Skipped: needs " + what);
    }

    static boolean has(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> java.nio.file.Files.isExecutable(Path.of(folder, program)));
    }

    /** What a program says on its standard output. */
    static String run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).describedAs(output).isZero();
        return output;
    }
}
