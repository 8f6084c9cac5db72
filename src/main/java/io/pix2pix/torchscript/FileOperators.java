package io.pix2pix.torchscript;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the calls of PyTorch's operators that open files: {@code from_file} maps any file of the
 * machine as a tensor, to read or to write, and {@code save} writes one. No network needs them, and
 * a picture is a way to carry off what they read.
 *
 * <p>A plain look at the text: it knows how the two can be named, not what else a program may do.
 */
final class FileOperators {
    /** Also by a string, whose escapes hide a name: no module's own code looks things up there. */
    private static final Pattern CALL =
            Pattern.compile(
                    "\\bfrom_file\\b"
                            + "|\\bsave\\b(?:\\s|\\\\|#[^\\n]*+\\n)*+\\("
                            + "|\\bgetattr\\b(?:\\s|\\\\|#[^\\n]*+\\n|\\()*+(?:torch|ops|aten)\\b");

    private FileOperators() {}

    /**
     * @throws IOException when the code has such a call
     */
    static void refuse(byte[] code, String name) throws IOException {
        Matcher call = CALL.matcher(new String(code, StandardCharsets.ISO_8859_1));
        if (call.find()) {
            throw new IOException(
                    "its code %s opens files ('%s')"
                            .formatted(name, call.group().replaceAll("[^ -~]", "?")));
        }
    }
}
