package io.pix2pix.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.pix2pix.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The places where AWS' tools look for keys, each as a process finds it: one HTTP server stands for
 * S3, STS, a container's service and an instance's metadata.
 */
@Timeout(60)
class CredentialSourcesTest {
    private static final String ROLE = "arn:aws:iam::123456789012:role/pix2pix";
    private static final String EXPIRATION = "2099-01-01T00:00:00Z";

    private final List<String> signed = new CopyOnWriteArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    @TempDir private Path folder;
    private HttpServer server;
    private String address;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        address = "http://127.0.0.1:" + server.getAddress().getPort();
        serve("/b/", this::object);
        serve("/", this::sts);
        serve("/container", this::container);
        serve("/latest/", this::instance);
        server.start();
        // Nothing of this machine's.
        environment.put("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials");
        environment.put("AWS_CONFIG_FILE", "/nowhere/config");
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_ENDPOINT_URL_STS", address);
        environment.put("AWS_REGION", "eu-central-1");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void environment() throws Exception {
        environment.put("AWS_ACCESS_KEY_ID", "ENV");
        environment.put("AWS_SECRET_ACCESS_KEY", "secret");
        environment.put("AWS_SESSION_TOKEN", "env-token");
        readsWith("ENV env-token");
    }

    @Test
    void profile() throws Exception {
        environment.put("AWS_SHARED_CREDENTIALS_FILE", profiles("[batch]\n", "PROFILE").toString());
        environment.put("AWS_PROFILE", "batch");
        readsWith("PROFILE null");
    }

    @Test
    void roleOfAProfile() throws Exception {
        environment.put("AWS_SHARED_CREDENTIALS_FILE", profiles("[user]\n", "USER").toString());
        Path config =
                Files.writeString(
                        folder.resolve("config"),
                        "[profile batch]\nregion = eu-central-1\nrole_arn = %s\nsource_profile = user\n"
                                .formatted(ROLE));
        environment.put("AWS_CONFIG_FILE", config.toString());
        environment.put("AWS_PROFILE", "batch");
        readsWith("AssumeRole AssumeRole-token");
        assertThat(asked).hasSize(1);
    }

    /** As EKS gives a pod's service account a role (IRSA). */
    @Test
    void webIdentity() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "a-signed-token");
        environment.put("AWS_WEB_IDENTITY_TOKEN_FILE", token.toString());
        environment.put("AWS_ROLE_ARN", ROLE);
        readsWith("AssumeRoleWithWebIdentity AssumeRoleWithWebIdentity-token");
        assertThat(asked)
                .singleElement()
                .asString()
                .contains("WebIdentityToken=a-signed-token", "role%2Fpix2pix");
    }

    /** As EKS (Pod Identity) and ECS give one. */
    @Test
    void container() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "a-pods-token");
        environment.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", address + "/container");
        environment.put("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.toString());
        readsWith("CONTAINER CONTAINER-token");
        assertThat(asked).containsExactly("a-pods-token");
    }

    @Test
    void instance() throws Exception {
        environment.remove("AWS_EC2_METADATA_DISABLED");
        environment.put("AWS_EC2_METADATA_SERVICE_ENDPOINT", address);
        readsWith("INSTANCE INSTANCE-token");
    }

    private void readsWith(String keys) throws Exception {
        assertThat(ChildJvm.run(CredentialProbe.class, environment, address)).containsExactly("3");
        assertThat(signed).containsExactly(keys);
    }

    private Path profiles(String name, String key) throws IOException {
        return Files.writeString(
                folder.resolve("credentials"),
                name + "aws_access_key_id = %s\naws_secret_access_key = secret\n".formatted(key));
    }

    private void object(HttpExchange exchange) throws IOException {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        signed.add(
                authorization.replaceAll(".*Credential=([^/]*)/.*", "$1")
                        + " "
                        + exchange.getRequestHeaders().getFirst("x-amz-security-token"));
        exchange.getResponseHeaders().add("ETag", "\"e1\"");
        answer(exchange, 200, "abc");
    }

    private void sts(HttpExchange exchange) throws IOException {
        String request = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        asked.add(request);
        String action = request.replaceAll(".*Action=([A-Za-z]*).*", "$1");
        answer(
                exchange,
                200,
                """
                <%1$sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%1$sResult>
                <Credentials><AccessKeyId>%1$s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
                <SessionToken>%1$s-token</SessionToken><Expiration>%2$s</Expiration></Credentials>
                <AssumedRoleUser><Arn>%3$s</Arn><AssumedRoleId>id:s</AssumedRoleId></AssumedRoleUser>
                </%1$sResult></%1$sResponse>
                """
                        .formatted(action, EXPIRATION, ROLE));
    }

    private void container(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestHeaders().getFirst("Authorization"));
        answer(exchange, 200, keys("CONTAINER"));
    }

    private void instance(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.endsWith("/api/token")) {
            exchange.getResponseHeaders().add("x-aws-ec2-metadata-token-ttl-seconds", "21600");
            answer(exchange, 200, "metadata-token");
        } else if (path.endsWith("/security-credentials/")) {
            answer(exchange, 200, "a-role");
        } else if (path.endsWith("/security-credentials/a-role")) {
            answer(exchange, 200, keys("INSTANCE"));
        } else {
            answer(exchange, 404, "");
        }
    }

    private static String keys(String name) {
        return """
        {"Code": "Success", "AccessKeyId": "%1$s", "SecretAccessKey": "secret", "Token": "%1$s-token",
         "Expiration": "%2$s"}
        """
                .formatted(name, EXPIRATION);
    }

    private void serve(String path, HttpHandler handler) {
        server.createContext(
                path,
                exchange -> {
                    try (exchange) {
                        handler.handle(exchange);
                    }
                });
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
