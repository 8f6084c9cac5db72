package io.pix2pix.api;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * A key or token as a request brings it.
 *
 * @param byCookie the browser sent it by itself, whichever page made it ask
 */
record Credential(String secret, boolean byCookie) {
    static final String COOKIE = "pix2pix-session";
    private static final String BEARER = "Bearer ";

    /** From {@code Authorization: Bearer}, {@code X-API-Key} or the session's cookie. */
    static Optional<Credential> of(HttpServerRequest request) {
        String authorization = request.getHeader("Authorization");
        if (authorization != null
                && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.of(
                    new Credential(authorization.substring(BEARER.length()).strip(), false));
        }
        String key = request.getHeader("X-API-Key");
        if (key != null) {
            return Optional.of(new Credential(key.strip(), false));
        }
        Cookie cookie = request.getCookie(COOKIE);
        return cookie == null ? Optional.empty() : decode(cookie.getValue());
    }

    /** As a cookie may hold it. */
    String encoded() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(secret.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<Credential> decode(String encoded) {
        try {
            byte[] secret = Base64.getUrlDecoder().decode(encoded);
            return Optional.of(new Credential(new String(secret, StandardCharsets.UTF_8), true));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // somebody else's cookie
        }
    }

    /** Nothing that is logged has it. */
    @Override
    public String toString() {
        return "Credential[" + (byCookie ? "by cookie" : "by header") + "]";
    }
}
