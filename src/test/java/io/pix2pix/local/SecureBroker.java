package io.pix2pix.local;

import static org.awaitility.Awaitility.await;

import io.pix2pix.testing.Certificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AclBinding;

/**
 * A broker that asks who comes and lets nobody do what no ACL permits: SASL over TLS, and TLS with
 * clients' certificates. Whoever comes by a third, plain listener is its administrator.
 */
public final class SecureBroker implements AutoCloseable {
    private final ServerProcess kafka;
    private final ProcessHandle process;
    private final Certificate certificate;
    private final int plainPort = Ports.free();
    private final int saslPort = Ports.free();
    private final int tlsPort = Ports.free();
    private final Admin admin;

    /**
     * @param client whose certificate is known; its common name is the user's name
     * @param plain password of the user {@code plain}, who logs in by SASL/PLAIN
     */
    public SecureBroker(Path folder, Certificate client, String plain) throws IOException {
        certificate = Certificate.create(folder, "broker", "RSA");
        Path identity = folder.resolve("identity.pem");
        Files.writeString(
                identity,
                Files.readString(certificate.key()) + Files.readString(certificate.chain()));
        Map<String, String> more = new TreeMap<>();
        int controllerPort = Ports.free();
        more.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:%d,SASL_SSL://127.0.0.1:%d,SSL://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                        .formatted(plainPort, saslPort, tlsPort, controllerPort));
        more.put(
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT");
        more.put(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        more.put("super.users", "User:ANONYMOUS");
        more.put("ssl.keystore.type", "PEM");
        more.put("ssl.keystore.location", identity.toString());
        more.put("ssl.truststore.type", "PEM");
        more.put("ssl.truststore.location", client.chain().toString());
        more.put("ssl.principal.mapping.rules", "RULE:^CN=([^,]+).*$/$1/");
        more.put("listener.name.ssl.ssl.client.auth", "required");
        more.put("sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN,OAUTHBEARER");
        String sasl = "listener.name.sasl_ssl.";
        String security = "org.apache.kafka.common.security.";
        more.put(
                sasl + "scram-sha-512.sasl.jaas.config",
                security + "scram.ScramLoginModule required;");
        more.put(
                sasl + "plain.sasl.jaas.config",
                security + "plain.PlainLoginModule required user_plain=\"" + plain + "\";");
        more.put(
                sasl + "oauthbearer.sasl.jaas.config",
                security
                        + "oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";");
        kafka = StackFolder.prepare(folder.resolve("kafka")).kafka();
        process =
                new KafkaServer(
                                kafka,
                                LocalStack.Settings.in(folder, 0, 0).home().resolve("kafka"),
                                more)
                        .start(plainPort, controllerPort);
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "broker-stop"));
        Readiness.awaitKafka(kafka, process, plainPort);
        admin = Admin.create(Map.of("bootstrap.servers", administration()));
    }

    /** For {@code bootstrap.servers} of those who may do everything. */
    public String administration() {
        return "127.0.0.1:" + plainPort;
    }

    /** For those who log in. */
    public String sasl() {
        return "127.0.0.1:" + saslPort;
    }

    /** For those who have a certificate. */
    public String tls() {
        return "127.0.0.1:" + tlsPort;
    }

    /** PEM file of what signs its certificate: itself. */
    public Path ca() {
        return certificate.chain();
    }

    public Admin admin() {
        return admin;
    }

    /** Adds a user who logs in by SCRAM-SHA-512. */
    public void user(String name, String password) throws Exception {
        admin.alterUserScramCredentials(
                        List.of(
                                new UserScramCredentialUpsertion(
                                        name,
                                        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                                        password)))
                .all()
                .get();
        // The broker hears of it a moment later.
        await().until(() -> admin.describeUserScramCredentials().users().get().contains(name));
    }

    public void allow(List<AclBinding> acls) throws Exception {
        admin.createAcls(acls).all().get();
    }

    /** Takes one away that {@link #allow} gave. */
    public void deny(AclBinding acl) throws Exception {
        admin.deleteAcls(List.of(acl.toFilter())).all().get();
    }

    @Override
    public void close() {
        admin.close();
        process.destroyForcibly();
        process.onExit().join();
    }
}
