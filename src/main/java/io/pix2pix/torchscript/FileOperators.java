package io.pix2pix.torchscript;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the uses of PyTorch's operators that open files: {@code from_file} maps any file of the
 * machine as a tensor, to read or to write, and {@code save} writes one. No network needs them, and
 * a picture is a way to carry off what they read.
 *
 * <p>A plain look at the text: it knows how the two can be named, called by another name and looked
 * up, not what else a program may do. What it finds in a string is refused as well.
 */
final class FileOperators {
    /** What may stand between two words of TorchScript. */
    private static final String BLANKS = "(?:\\s|\\\\|#[^\\n]*+\\n)*+";

    private static final String DOT = BLANKS + "\\." + BLANKS;

    /** By name, also as a value: {@code f = torch.save}, {@code (torch.save)(x, "/tmp/x")}. */
    private static final Pattern NAMED =
            Pattern.compile("\\bfrom_file\\b|\\." + BLANKS + "save\\b");

    /**
     * What holds all operators, as a value ({@code t = torch}, {@code getattr(ops.aten, ...)}) that
     * can then be asked for one by a string, whose escapes hide the name. A word right behind it
     * makes it prose.
     */
    private static final Pattern ALL_OPERATORS =
            Pattern.compile(
                    "(?:[=(,\\[{:]|\\b(?:return|in|if|else|and|or|not)\\b)"
                            + BLANKS
                            + "(?:torch\\b|ops\\b(?:D\\w++)?+)(?:Dautograd\\b)*+(?!D)"
                                    .replace("D", DOT)
                            + "(?![ \\t]++(?!(?:if|else|for|in|is|and|or|not|as)\\b)\\w)");

    /**
     * The name that {@code getattr} looks up, where it is hidden: by escapes, or in two strings.
     * Tensors and strings have operators, too.
     */
    private static final Pattern LOOKED_UP =
            Pattern.compile(
                    ",(?:\\s|\\\\|\\(|#[^\\n]*+\\n)*+([\"'])\\1*+"
                            + "(?:save\\1|B[\"']|\\w*+(?:\\\\|\\1++B[\"']))".replace("B", BLANKS));

    private FileOperators() {}

    /**
     * @throws IOException when the code has such a use
     */
    static void refuse(byte[] code, String name) throws IOException {
        String text = new String(code, StandardCharsets.ISO_8859_1);
        refuse(NAMED, text, name);
        refuse(ALL_OPERATORS, text, name);
        if (text.contains("getattr")) {
            refuse(LOOKED_UP, text, name);
        }
    }

    private static void refuse(Pattern use, String text, String name) throws IOException {
        Matcher found = use.matcher(text);
        if (found.find()) {
            throw new IOException(
                    "its code %s opens files, or could ('%s')"
                            .formatted(name, found.group().replaceAll("[^ -~]", "?")));
        }
    }
}
