package io.pix2pix.testing;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;

/** An OpenID Connect provider, as far as those who check tokens see it: its keys, by HTTP. */
public final class TokenProvider implements AutoCloseable {
    /** What it calls itself. */
    public static final String ISSUER = "https://id.example/realms/pictures";

    /** For whom its tokens are. */
    public static final String AUDIENCE = "pix2pix";

    private final HttpServer server;
    private volatile RsaJsonWebKey key = newKey("first");
    private volatile boolean down;
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile CountDownLatch answering = new CountDownLatch(0);

    public TokenProvider() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/keys",
                exchange -> {
                    awaitAnswering();
                    byte[] keys =
                            new JsonWebKeySet(List.of(key))
                                    .toJson()
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().add("Content-Type", "application/json");
                    if (down) {
                        refusals.incrementAndGet();
                    }
                    exchange.sendResponseHeaders(down ? 500 : 200, keys.length);
                    exchange.getResponseBody().write(keys);
                    exchange.close();
                });
        server.start();
    }

    private void awaitAnswering() {
        waiting.incrementAndGet();
        try {
            answering.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** Where its keys are. */
    public URI jwks() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/keys");
    }

    /** Signs with another key from now on. */
    public void rotate() {
        key = newKey("second");
    }

    /** Gives no keys until it recovers. */
    public void fail() {
        down = true;
    }

    public void recover() {
        down = false;
    }

    /** Takes questions and answers none until told to. */
    public void hang() {
        answering = new CountDownLatch(1);
    }

    public void answer() {
        answering.countDown();
    }

    /** Whether somebody waits for an answer. */
    public boolean isAsked() {
        return waiting.get() > 0;
    }

    /** How often it was asked while it was down. */
    public int refusals() {
        return refusals.get();
    }

    /** A key of this provider's name that it does not publish. */
    public static RsaJsonWebKey newKey(String id) {
        try {
            RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
            key.setKeyId(id);
            return key;
        } catch (JoseException e) {
            throw new AssertionError(e);
        }
    }

    /** A token that is good for ten minutes, but for what the test changes. */
    public String token(String subject, List<String> roles, Consumer<JwtClaims> change) {
        return token(key, subject, roles, change);
    }

    public static String token(
            RsaJsonWebKey key, String subject, List<String> roles, Consumer<JwtClaims> change) {
        try {
            JsonWebSignature signature = new JsonWebSignature();
            signature.setPayload(claims(subject, roles, change).toJson());
            signature.setKey(key.getPrivateKey());
            signature.setKeyIdHeaderValue(key.getKeyId());
            signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new AssertionError(e);
        }
    }

    /** As {@link #token}, not signed by anything. */
    public static JwtClaims claims(String subject, List<String> roles, Consumer<JwtClaims> change) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(ISSUER);
        claims.setAudience(AUDIENCE);
        claims.setSubject(subject);
        claims.setExpirationTimeMinutesInTheFuture(10);
        claims.setClaim("realm_access", java.util.Map.of("roles", roles));
        change.accept(claims);
        return claims;
    }

    public RsaJsonWebKey key() {
        return key;
    }

    @Override
    public void close() {
        answer();
        server.stop(0);
    }
}
