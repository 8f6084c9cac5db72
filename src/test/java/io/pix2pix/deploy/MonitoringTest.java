package io.pix2pix.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Alerts and dashboards against {@code docs/metrics.md}, which another test holds to what the
 * running application exports.
 */
class MonitoringTest {
    private static final Set<String> DOCUMENTED =
            Files.found("(?m)^\\| `(pix2pix_\\w+)`", Files.text("docs/metrics.md"));

    @Test
    void everyAlertAsksForMetricsThatThereAre() {
        List<JsonNode> rules = rules();
        assertThat(rules).hasSizeGreaterThan(5);
        for (JsonNode rule : rules) {
            assertKnown(rule.path("alert").asText(), rule.path("expr").asText());
        }
    }

    @Test
    void everyPanelAsksForMetricsThatThereAre() {
        JsonNode dashboard = Files.yaml("deploy/grafana/dashboards/pix2pix.json").get(0);
        int queries = 0;
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                assertKnown(panel.path("title").asText(), target.path("expr").asText());
                queries++;
            }
        }
        assertThat(queries).isGreaterThan(15);
    }

    @Test
    void alertsFireWhenTheyShouldAndOnlyThen() throws Exception {
        String tests = "deploy/prometheus/alerts-test.yml";
        Set<String> tried = Files.found("alertname: (\\w+)", Files.text(tests));
        for (JsonNode rule : rules()) {
            assertThat(tried).contains(rule.path("alert").asText());
        }
        assumeTrue(
                KubernetesTest.has("promtool"), "Skipped: needs promtool (of Debian's prometheus)");
        KubernetesTest.run("promtool", "test", "rules", tests);
    }

    @Test
    void everyAlertHasAChapterInTheRunbook() {
        Set<String> chapters = new TreeSet<>();
        Files.found("(?m)^#+ (.+)$", Files.text("docs/operations.md"))
                .forEach(title -> chapters.add(title.toLowerCase(Locale.ROOT).replace(' ', '-')));
        for (JsonNode rule : rules()) {
            String alert = rule.path("alert").asText();
            String anchor = alert.toLowerCase(Locale.ROOT);
            assertThat(rule.at("/annotations/runbook").asText())
                    .isEqualTo("docs/operations.md#" + anchor);
            assertThat(chapters).contains(anchor);
        }
    }

    @Test
    void theOperatorsRulesAreTheSame() {
        JsonNode rule = Files.yaml("k8s/prometheus-operator/alerts.yaml").get(0);
        assertThat(Manifests.read(rule)).isNotNull();
        assertThat(rule.at("/spec/groups"))
                .isEqualTo(Files.yaml("deploy/prometheus/alerts.yml").get(0).path("groups"));
    }

    /** As the annotations say it to who heeds those; over TLS by the name that is certified. */
    @Test
    void theOperatorsMonitorsAskEveryPodWhereItAnswers() {
        List<JsonNode> base = Files.base();
        JsonNode service = Files.of(base, "Service").get(0);
        List<JsonNode> monitors = Files.yaml("k8s/prometheus-operator/monitors.yaml");
        monitors.forEach(Manifests::read);
        for (JsonNode deployment : Files.of(base, "Deployment")) {
            JsonNode template = deployment.at("/spec/template");
            List<JsonNode> selecting = monitors.stream().filter(m -> selects(m, template)).toList();
            assertThat(selecting).describedAs("%s", deployment.at("/metadata/name")).hasSize(1);
            JsonNode endpoint = selecting.get(0).at("/spec/podMetricsEndpoints/0");
            JsonNode port = template.at("/spec/containers/0/ports/0");
            JsonNode annotations = template.at("/metadata/annotations");
            assertThat(endpoint.path("port")).isEqualTo(port.path("name"));
            assertThat(endpoint.path("path")).isEqualTo(annotations.path("prometheus.io/path"));
            assertThat(endpoint.path("scheme")).isEqualTo(annotations.path("prometheus.io/scheme"));
            assertThat(annotations.path("prometheus.io/port").asText())
                    .isEqualTo(port.path("containerPort").asText());
            boolean tls = endpoint.path("scheme").asText().equals("https");
            assertThat(endpoint.at("/tlsConfig/serverName").asText())
                    .isEqualTo(tls ? service.at("/metadata/name").asText() + ".pix2pix.svc" : "");
            if (tls) {
                assertThat(template.at("/spec/volumes").toString())
                        .contains("\"secretName\":" + endpoint.at("/tlsConfig/ca/secret/name"));
            }
        }
    }

    private static boolean selects(JsonNode monitor, JsonNode template) {
        JsonNode labels = template.at("/metadata/labels");
        JsonNode selector = monitor.at("/spec/selector");
        boolean equal =
                selector.path("matchLabels").properties().stream()
                        .allMatch(label -> labels.path(label.getKey()).equals(label.getValue()));
        boolean in = true;
        for (JsonNode one : selector.path("matchExpressions")) {
            Set<String> values = new TreeSet<>();
            one.path("values").forEach(value -> values.add(value.asText()));
            in &= values.contains(labels.path(one.path("key").asText()).asText());
        }
        return equal && in;
    }

    private static List<JsonNode> rules() {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : Files.yaml("deploy/prometheus/alerts.yml").get(0).path("groups")) {
            group.path("rules").forEach(rules::add);
        }
        return rules;
    }

    private static void assertKnown(String what, String query) {
        Set<String> asked = Files.found("\\b(pix2pix_\\w+)", query);
        assertThat(asked).describedAs(what).isNotEmpty();
        for (String metric : asked) {
            String base = metric.replaceFirst("_(bucket|count|sum|max)$", "");
            assertThat(DOCUMENTED.contains(metric) || DOCUMENTED.contains(base))
                    .describedAs("%s: %s is in docs/metrics.md", what, metric)
                    .isTrue();
        }
    }
}
