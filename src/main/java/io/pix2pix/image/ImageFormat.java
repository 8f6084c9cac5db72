package io.pix2pix.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A file's format, told by its first bytes, never by its name. */
enum ImageFormat {
    JPEG,
    PNG,
    BMP,
    GIF,
    TIFF,
    WEBP;

    private static final String EXPECTED =
            Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));

    /** Decoded ones first; the others are told apart so that the message can say what to do. */
    private static final List<Signature> SIGNATURES =
            List.of(
                    new Signature("\u00ff\u00d8\u00ff", JPEG, "JPEG"),
                    new Signature("\u0089PNG\r\n\u001a\n", PNG, "PNG"),
                    new Signature("BM", BMP, "BMP"),
                    new Signature("GIF8", GIF, "GIF"),
                    new Signature("II*\0", TIFF, "TIFF"),
                    new Signature("MM\0*", TIFF, "TIFF"),
                    new Signature("RIFF????WEBP", WEBP, "WEBP"),
                    new Signature("????ftyp", null, "HEIF, AVIF or a film"),
                    new Signature("8BPS", null, "Photoshop"),
                    new Signature("\0\0\0\fjP  ", null, "JPEG 2000"),
                    new Signature("\u00ffO\u00ffQ", null, "JPEG 2000"),
                    new Signature("\0\0\0\fJXL ", null, "JPEG XL"),
                    new Signature("\u00ff\n", null, "JPEG XL"),
                    new Signature("II+\0", null, "BigTIFF"),
                    new Signature("MM\0+", null, "BigTIFF"),
                    new Signature("\0\0\u0001\0", null, "Windows icon"),
                    new Signature("P6\n", null, "PNM"),
                    new Signature("v/1\u0001", null, "OpenEXR"),
                    new Signature("<svg", null, "SVG"));

    /**
     * @param bytes as ISO 8859-1; a question mark stands for any
     * @param format null where it is not decoded
     */
    private record Signature(String bytes, @Nullable ImageFormat format, String title) {
        boolean begins(String head) {
            if (head.length() < bytes.length()) {
                return false;
            }
            for (int i = 0; i < bytes.length(); i++) {
                if (bytes.charAt(i) != '?' && bytes.charAt(i) != head.charAt(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * @throws io.pix2pix.failure.FailureException EMPTY_FILE, NOT_AN_IMAGE, UNSUPPORTED_FORMAT
     */
    static ImageFormat of(byte[] file) {
        if (file.length == 0) {
            throw Problem.EMPTY_FILE.because("Expected an image, found a file of 0 bytes");
        }
        String head = new String(file, 0, Math.min(file.length, 24), StandardCharsets.ISO_8859_1);
        for (Signature signature : SIGNATURES) {
            if (signature.begins(head)) {
                ImageFormat format = signature.format();
                if (format == null) {
                    throw Problem.UNSUPPORTED_FORMAT.because(
                            "Expected %s, found %s".formatted(EXPECTED, signature.title()));
                }
                return format;
            }
        }
        throw Problem.NOT_AN_IMAGE.because(
                "Expected %s, found %s".formatted(EXPECTED, describe(file.length, head)));
    }

    private static String describe(int length, String head) {
        if (head.chars().allMatch(c -> (c >= ' ' && c < 127) || Character.isWhitespace(c))) {
            return "text that begins \"%s\"".formatted(head.strip().replaceAll("\\s+", " "));
        }
        String hex =
                head.chars()
                        .limit(8)
                        .mapToObj(c -> String.format(Locale.ROOT, "%02x", c))
                        .collect(Collectors.joining(" "));
        return "%d bytes that begin %s".formatted(length, hex);
    }
}
