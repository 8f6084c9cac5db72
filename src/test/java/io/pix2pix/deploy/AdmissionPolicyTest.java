package io.pix2pix.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What {@code k8s/cluster/policy.yaml} leaves of the workers' right to patch pods, by its own
 * expressions (CEL), asked as Kubernetes' API server asks them.
 */
class AdmissionPolicyTest {
    private static final List<JsonNode> BASE = Files.base();
    private static final List<JsonNode> CLUSTER = Files.yaml("k8s/cluster/policy.yaml");
    private static final JsonNode POLICY =
            Files.of(CLUSTER, "ValidatingAdmissionPolicy").get(0).path("spec");
    private static final String COST = "controller.kubernetes.io/pod-deletion-cost";
    private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

    private static final CelCompiler COMPILER =
            CelCompilerFactory.standardCelCompilerBuilder()
                    .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                    .addVar("object", SimpleType.DYN)
                    .addVar("oldObject", SimpleType.DYN)
                    .addVar("request", SimpleType.DYN)
                    .build();
    private static final CelRuntime RUNTIME = CelRuntimeFactory.standardCelRuntimeBuilder().build();

    /** CEL's whole numbers have 64 bits. */
    private static final ObjectMapper MAPS =
            new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);

    private final ObjectNode own = pod("own");
    private final JsonNode worker = user("pix2pix-worker", "own");

    private static ObjectNode pod(String uid) {
        ObjectNode pod = JsonNodeFactory.instance.objectNode();
        JsonNode template =
                Files.of(BASE, "Deployment").stream()
                        .filter(d -> d.at("/metadata/name").asText().equals("pix2pix-translator"))
                        .findFirst()
                        .orElseThrow()
                        .at("/spec/template");
        pod.setAll((ObjectNode) template.deepCopy());
        ((ObjectNode) pod.path("metadata")).put("uid", uid);
        return pod;
    }

    private static JsonNode user(String account, String pod) {
        ObjectNode user = JsonNodeFactory.instance.objectNode();
        String namespace =
                Files.yaml("k8s/base/kustomization.yaml").get(0).path("namespace").asText();
        user.put("username", "system:serviceaccount:" + namespace + ":" + account);
        user.putObject("extra").putArray(POD_UID).add(pod);
        return user;
    }

    @Test
    void isInForceForEveryPod() {
        JsonNode binding =
                Files.of(CLUSTER, "ValidatingAdmissionPolicyBinding").get(0).path("spec");
        assertThat(binding.path("policyName").asText())
                .isEqualTo(
                        Files.of(CLUSTER, "ValidatingAdmissionPolicy")
                                .get(0)
                                .at("/metadata/name")
                                .asText());
        assertThat(binding.path("validationActions").toString()).isEqualTo("[\"Deny\"]");
        assertThat(binding.has("matchResources")).isFalse();
        assertThat(POLICY.path("failurePolicy").asText()).isEqualTo("Fail");
        assertThat(POLICY.path("matchConstraints").toString())
                .isEqualTo(
                        "{\"resourceRules\":[{\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],"
                                + "\"operations\":[\"UPDATE\"],\"resources\":[\"pods\"]}]}");
    }

    @Test
    void looksAtTheAccountThatMayPatchPodsAndAtNoOther() throws Exception {
        JsonNode subjects = Files.of(BASE, "RoleBinding").get(0).path("subjects");
        assertThat(subjects).hasSize(1);
        JsonNode condition = POLICY.at("/matchConditions/0/expression");
        assertThat(POLICY.path("matchConditions")).hasSize(1);
        String account = subjects.get(0).path("name").asText();
        assertThat(holds(condition, own, own, user(account, "own"))).isTrue();
        assertThat(holds(condition, own, own, user("pix2pix-coordinator", "own"))).isFalse();
    }

    @Test
    void aWorkerMaySayWhatItsOwnPodCosts() throws Exception {
        assertThat(admits(own, changed(pod -> annotate(pod, "1")), worker)).isTrue();
        ObjectNode costly = changed(pod -> annotate(pod, "1"));
        ObjectNode cheap = changed(pod -> annotate(pod, "0"));
        assertThat(admits(costly, cheap, worker)).isTrue();
    }

    @Test
    void aWorkerMayNotTouchAnotherPod() throws Exception {
        ObjectNode other = pod("other");
        ObjectNode costly = other.deepCopy();
        annotate(costly, "1");
        assertThat(admits(other, costly, worker)).isFalse();
    }

    /** One that was made otherwise than for a pod's volume. */
    @Test
    void aTokenOfNoPodMayNothing() throws Exception {
        ObjectNode costly = changed(pod -> annotate(pod, "1"));
        ObjectNode bare = worker.deepCopy();
        bare.remove("extra");
        assertThat(admits(own, costly, bare)).isFalse();
        ObjectNode other = worker.deepCopy();
        other.putObject("extra").putArray("authentication.kubernetes.io/credential-id").add("own");
        assertThat(admits(own, costly, other)).isFalse();
    }

    @Test
    void aWorkerMayChangeNothingElseOfItsPod() throws Exception {
        List<Consumer<ObjectNode>> changes =
                List.of(
                        pod -> ((ObjectNode) pod.at("/spec/containers/0")).put("image", "evil"),
                        pod -> ((ObjectNode) pod.path("spec")).put("activeDeadlineSeconds", 1),
                        pod ->
                                ((ObjectNode) pod.path("spec"))
                                        .putArray("tolerations")
                                        .addObject()
                                        .put("operator", "Exists"),
                        // The service leads to whatever is labelled so.
                        pod ->
                                ((ObjectNode) pod.at("/metadata/labels"))
                                        .put("app.kubernetes.io/component", "coordinator"),
                        pod -> ((ObjectNode) pod.path("metadata")).remove("labels"));
        for (Consumer<ObjectNode> change : changes) {
            ObjectNode after = changed(change);
            assertThat(after).isNotEqualTo(own);
            assertThat(admits(own, after, worker)).describedAs("%s", after).isFalse();
        }
        ObjectNode bare = changed(pod -> ((ObjectNode) pod.path("metadata")).remove("labels"));
        assertThat(admits(bare, own, worker)).describedAs("labels are added").isFalse();
    }

    private ObjectNode changed(Consumer<ObjectNode> change) {
        ObjectNode pod = own.deepCopy();
        change.accept(pod);
        return pod;
    }

    private static void annotate(ObjectNode pod, String cost) {
        ((ObjectNode) pod.at("/metadata/annotations")).put(COST, cost);
    }

    private static boolean admits(JsonNode before, JsonNode after, JsonNode user) throws Exception {
        boolean admitted = true;
        for (JsonNode validation : POLICY.path("validations")) {
            admitted &= holds(validation.path("expression"), before, after, user);
        }
        return admitted;
    }

    private static boolean holds(
            JsonNode expression, JsonNode before, JsonNode after, JsonNode user) throws Exception {
        var program = RUNTIME.createProgram(COMPILER.compile(expression.asText()).getAst());
        return (Boolean)
                program.eval(
                        Map.of(
                                "object", map(after),
                                "oldObject", map(before),
                                "request", Map.of("userInfo", map(user))));
    }

    private static Map<?, ?> map(JsonNode node) throws Exception {
        return MAPS.treeToValue(node, Map.class);
    }
}
