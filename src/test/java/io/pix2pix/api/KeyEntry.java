package io.pix2pix.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** API keys as {@code pix2pix.api.keys} has them. */
final class KeyEntry {
    private KeyEntry() {}

    static String of(String name, String role, String key) {
        return name + ":" + role + ":" + sha256(key);
    }

    static String sha256(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
