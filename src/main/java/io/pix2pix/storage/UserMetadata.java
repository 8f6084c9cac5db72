package io.pix2pix.storage;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * User metadata as S3 can carry it: names and values are HTTP headers, so US-ASCII, and together at
 * most 2 KB (S3 User Guide, "User-defined object metadata").
 *
 * <p>A value of visible ASCII travels as it is; any other (unicode, spaces, which signing
 * collapses) as {@code base64:} and its UTF-8 bytes. Base64 rather than percent-encoding, so that
 * the longest key S3 knows (1,024 bytes) fits whatever its script.
 */
final class UserMetadata {
    private static final int LIMIT = 2048;
    private static final String ENCODED = "base64:";
    private static final Pattern PLAIN = Pattern.compile("[!-~]+");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]*");

    private UserMetadata() {}

    /**
     * @throws IllegalArgumentException when a name is no header or the whole is too large
     */
    static Map<String, String> encode(Map<String, String> metadata) {
        Map<String, String> encoded = new HashMap<>();
        int size = 0;
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            String name = entry.getKey();
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "A metadata name is lower-case letters, digits, '-' and '_', found '"
                                + name
                                + "'");
            }
            String value = encode(entry.getValue());
            encoded.put(name, value);
            size += name.length() + value.length();
        }
        if (size > LIMIT) {
            throw new IllegalArgumentException(
                    "Metadata of %d bytes, S3 takes %d".formatted(size, LIMIT));
        }
        return encoded;
    }

    static Map<String, String> decode(Map<String, String> encoded) {
        Map<String, String> metadata = new HashMap<>();
        encoded.forEach((name, value) -> metadata.put(name, decode(value)));
        return metadata;
    }

    private static String encode(String value) {
        boolean plain = PLAIN.matcher(value).matches() && !value.startsWith(ENCODED);
        return plain
                ? value
                : ENCODED
                        + Base64.getEncoder()
                                .encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String value) {
        if (!value.startsWith(ENCODED)) {
            return value;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(value.substring(ENCODED.length()));
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return value; // someone else's, which only looks like ours
        }
    }
}
