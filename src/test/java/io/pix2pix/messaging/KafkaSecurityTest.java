package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.TaskEvent.TaskReturned;
import io.pix2pix.failure.FailureException;
import io.pix2pix.local.SecureBroker;
import io.pix2pix.testing.Certificate;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that prove who they are to a real broker that asks. */
@Timeout(60)
class KafkaSecurityTest {
    /** With what has to be quoted. */
    private static final String PASSWORD = "pa\"ss\\wo;rd' x=1";

    private static SecureBroker broker;
    private static Certificate client;
    private static Certificate stranger;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        client = Certificate.create(folder, "client", "RSA");
        stranger = Certificate.create(folder, "stranger", "EC");
        broker = new SecureBroker(folder, client, "plain-secret");
        broker.user("scram", PASSWORD);
        // Each may write to the topic of its own name.
        for (String user : List.of("scram", "plain", "token", "client")) {
            broker.admin()
                    .createTopics(List.of(new NewTopic(user + ".task-events", 1, (short) 1)))
                    .all()
                    .get();
            broker.allow(
                    List.of(
                            new AclBinding(
                                    new ResourcePattern(
                                            ResourceType.TOPIC, user + ".", PatternType.PREFIXED),
                                    new AccessControlEntry(
                                            "User:" + user,
                                            "*",
                                            AclOperation.WRITE,
                                            AclPermissionType.ALLOW))));
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void logInByScram() {
        write("scram", broker.sasl(), sasl().as("SCRAM-SHA-512", "scram", PASSWORD), Map.of());
    }

    @Test
    void logInByPlain() {
        write("plain", broker.sasl(), sasl().as("PLAIN", "plain", "plain-secret"), Map.of());
    }

    /** As other ways do, by the clients' own properties. */
    @Test
    void logInByToken() {
        write(
                "token",
                broker.sasl(),
                sasl(),
                Map.of(
                        "sasl.mechanism",
                        "OAUTHBEARER",
                        "sasl.jaas.config",
                        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"token\";"));
    }

    @Test
    void showTheirCertificate() {
        write("client", broker.tls(), tls().as(client.chain(), client.key()), Map.of());
    }

    @Test
    void areToldWhichAclIsMissing() {
        Security user = sasl().as("PLAIN", "plain", "plain-secret");
        assertThatThrownBy(() -> write("scram", broker.sasl(), user, Map.of()))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("Failed to write to topic scram.task-events")
                .hasMessageContaining("needs the ACL Write on topic scram.task-events");
    }

    @Test
    void areRefusedWithAWrongPasswordWhichNobodyRepeats() {
        Security user = sasl().as("SCRAM-SHA-512", "scram", "wrong-secret");
        assertThatThrownBy(() -> new Topics(clients("scram", broker.sasl(), user)).ensure())
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("Authentication failed")
                .hasMessageContaining("SCRAM-SHA-512")
                .hasMessageNotContaining("wrong-secret");
    }

    @Test
    void areRefusedWithACertificateThatTheBrokerDoesNotKnow() throws Exception {
        Security user = tls().as(stranger.chain(), stranger.key());
        assertThat(clients("client", broker.tls(), user).isReachable()).isFalse();
        assertThat(clients("client", broker.tls(), tls()).isReachable()).isFalse();
        user = tls().as(client.chain(), client.key());
        assertThat(clients("client", broker.tls(), user).isReachable()).isTrue();
    }

    @Test
    void doNotTalkToABrokerThatTheyDoNotKnow() throws Exception {
        Security user =
                Security.of(SecurityProtocol.SASL_SSL)
                        .trusting(stranger.chain())
                        .as("PLAIN", "plain", "plain-secret");
        assertThat(clients("plain", broker.sasl(), user).isReachable()).isFalse();
    }

    @Test
    void doNotStartWithSettingsThatDoNotFit() {
        Security plain = Security.of(SecurityProtocol.PLAINTEXT);
        refuses(plain.trusting(client.chain()), "security.ca, certificate and key need protocol");
        refuses(plain.as("PLAIN", "me", "s3cret"), "username and password need protocol SASL_SSL");
        refuses(sasl().as("OAUTHBEARER", "me", "s3cret"), "security.mechanism must be one of");
        refuses(
                tls().as(client.chain(), Path.of("/nowhere/client.key")),
                "pix2pix.kafka.security.key: failed to read /nowhere/client.key");
        refuses(
                tls().as(client.chain(), Path.of("-----BEGIN PRIVATE KEY-----\ns3cret")),
                "pix2pix.kafka.security.key holds PEM text, expected the name of a PEM file");
    }

    private static void refuses(Security security, String why) {
        assertThatThrownBy(() -> clients("any", broker.sasl(), security))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .hasMessageNotContaining("s3cret");
    }

    private static Security sasl() {
        return Security.of(SecurityProtocol.SASL_SSL).trusting(broker.ca());
    }

    private static Security tls() {
        return Security.of(SecurityProtocol.SSL).trusting(broker.ca());
    }

    private static void write(
            String prefix, String servers, Security security, Map<String, String> properties) {
        Messaging config =
                new Messaging(servers, prefix + ".", Duration.ofSeconds(15))
                        .with(security, properties);
        try (Publisher publisher = new Publisher(new Clients(config), Clock.systemUTC(), "test")) {
            publisher.event(new TaskReturned("job", 0, 1, "test", 0));
        }
    }

    private static Clients clients(String prefix, String servers, Security security) {
        return new Clients(
                new Messaging(servers, prefix + ".", Duration.ofSeconds(15))
                        .with(security, Map.of()));
    }
}
