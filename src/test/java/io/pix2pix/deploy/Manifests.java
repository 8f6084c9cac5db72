package io.pix2pix.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.util.List;
import java.util.Map;

/**
 * Reads manifests by the published models of their kinds; a field that a kind does not have fails.
 */
final class Manifests {
    private static final Map<String, Class<?>> KINDS =
            Map.ofEntries(
                    Map.entry("v1/ConfigMap", ConfigMap.class),
                    Map.entry("v1/Namespace", Namespace.class),
                    Map.entry("v1/Service", Service.class),
                    Map.entry("v1/ServiceAccount", ServiceAccount.class),
                    Map.entry(
                            "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy",
                            ValidatingAdmissionPolicy.class),
                    Map.entry(
                            "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
                            ValidatingAdmissionPolicyBinding.class),
                    Map.entry("apps/v1/Deployment", Deployment.class),
                    Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
                    Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class),
                    Map.entry("rbac.authorization.k8s.io/v1/Role", Role.class),
                    Map.entry("rbac.authorization.k8s.io/v1/RoleBinding", RoleBinding.class),
                    // The library is of the version before, whose fields are the same for these.
                    Map.entry("kafka.strimzi.io/v1/Kafka", Kafka.class),
                    Map.entry("kafka.strimzi.io/v1/KafkaNodePool", KafkaNodePool.class),
                    Map.entry("kafka.strimzi.io/v1/KafkaTopic", KafkaTopic.class),
                    Map.entry("kafka.strimzi.io/v1/KafkaUser", KafkaUser.class),
                    Map.entry("keda.sh/v1alpha1/ScaledObject", ScaledObject.class),
                    Map.entry(
                            "keda.sh/v1alpha1/TriggerAuthentication", TriggerAuthentication.class),
                    Map.entry("monitoring.coreos.com/v1/PodMonitor", PodMonitor.class),
                    Map.entry("monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class));

    private static final ObjectMapper STRICT =
            new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .setAnnotationIntrospector(new NothingElse());

    /** The models keep what they do not know; here it is to be refused. */
    private static final class NothingElse extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }
    }

    private Manifests() {}

    /**
     * @throws AssertionError when the kind is none of those expected or has no such field
     */
    static Object read(JsonNode document) {
        String kind = document.path("apiVersion").asText() + "/" + document.path("kind").asText();
        Class<?> model = KINDS.get(kind);
        if (model == null) {
            throw new AssertionError("No model of " + kind);
        }
        try {
            return STRICT.treeToValue(document, model);
        } catch (JsonProcessingException e) {
            throw new AssertionError(
                    "%s %s: %s".formatted(kind, document.at("/metadata/name"), e.getMessage()), e);
        }
    }

    /** Of an object, as far as it is used. */
    record Metadata(String name, String namespace, Map<String, String> labels) {}

    /**
     * <a href="https://keda.sh/docs/2.17/reference/scaledobject-spec/">KEDA's</a>, as far as used.
     */
    record ScaledObject(String apiVersion, String kind, Metadata metadata, Scaling spec) {
        record Scaling(
                Target scaleTargetRef,
                int pollingInterval,
                int cooldownPeriod,
                int minReplicaCount,
                int maxReplicaCount,
                List<Trigger> triggers) {}

        record Target(String name) {}

        record Trigger(String type, Api metadata, Authentication authenticationRef) {}

        /** Of the trigger metrics-api. */
        record Api(String url, String valueLocation, String targetValue, String authMode) {}

        record Authentication(String name) {}
    }

    /** KEDA's, with parameters from secrets only. */
    record TriggerAuthentication(String apiVersion, String kind, Metadata metadata, Secrets spec) {
        record Secrets(List<Parameter> secretTargetRef) {}

        record Parameter(String parameter, String name, String key) {}
    }

    /**
     * <a href="https://prometheus-operator.dev/docs/api-reference/api/">The Prometheus
     * operator's</a>, as far as used.
     */
    record PodMonitor(String apiVersion, String kind, Metadata metadata, Monitoring spec) {
        record Monitoring(LabelSelector selector, List<Endpoint> podMetricsEndpoints) {}

        record Endpoint(String port, String scheme, String path, String interval, Tls tlsConfig) {}

        record Tls(String serverName, Authority ca) {}

        record Authority(SecretKeySelector secret) {}
    }

    /** The Prometheus operator's; its groups are as in Prometheus' own files. */
    record PrometheusRule(String apiVersion, String kind, Metadata metadata, Groups spec) {
        record Groups(List<JsonNode> groups) {}
    }
}
