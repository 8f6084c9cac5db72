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
