package io.pix2pix.translation;

import io.pix2pix.failure.Stage;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern on keys: {@code *} and {@code ?} stay within one path segment, {@code **} crosses
 * slashes, {@code **}{@code /} also stands for no folder at all (so {@code **}{@code /*.jpg} takes
 * {@code a.jpg}), {@code [abc]}, {@code [!a-z]} and {@code {jpg,png}} as in a shell, a backslash
 * takes the next character as it is. Unlike {@link java.nio.file.PathMatcher}, it leaves keys as
 * they are: {@code ..} and doubled slashes are text.
 *
 * <p>Many stars on one long key may have more ways to match than anybody can wait for; matching
 * gives up after a bounded number of steps.
 */
final class Glob {
    /** As long as a key can be. */
    private static final int MAX_LENGTH = 1024;

    private static final int MAX_STEPS = 1_000_000;

    private final String glob;
    private final Pattern pattern;

    private Glob(String glob, boolean ignoreCase) {
        check(
                glob.length() <= MAX_LENGTH,
                brief(glob),
                "more than %d characters".formatted(MAX_LENGTH));
        this.glob = glob;
        int flags = Pattern.DOTALL;
        if (ignoreCase) {
            flags |= Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
        }
        this.pattern = Pattern.compile(regex(glob), flags);
    }

    /**
     * @throws IllegalArgumentException when brackets or braces do not match, or it is too long
     */
    static Glob of(String glob) {
        return new Glob(glob, false);
    }

    /** The same, upper and lower case alike. */
    static Glob ignoringCase(String glob) {
        return new Glob(glob.toLowerCase(Locale.ROOT), true);
    }

    /**
     * @throws io.pix2pix.failure.FailureException PATTERN_TOO_COSTLY, permanent: it cannot be told
     *     in a bounded number of steps
     */
    boolean matches(String key) {
        return pattern.matcher(new Steps(key)).matches();
    }

    /** A key that counts how often the matcher looks at it. */
    private final class Steps implements CharSequence {
        private final String key;
        private int count;

        Steps(String key) {
            this.key = key;
        }

        @Override
        public char charAt(int index) {
            if (++count > MAX_STEPS) {
                throw Failures.permanent(
                        Stage.PLAN,
                        "PATTERN_TOO_COSTLY",
                        "The pattern '%s' takes more than %d steps on the key %s: use fewer stars"
                                .formatted(glob, MAX_STEPS, key));
            }
            return key.charAt(index);
        }

        @Override
        public int length() {
            return key.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return key.subSequence(start, end);
        }

        @Override
        public String toString() {
            return key;
        }
    }

    private static String brief(String glob) {
        return glob.length() <= 80 ? glob : glob.substring(0, 80) + "...";
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        boolean inBraces = false;
        int i = 0;
        while (i < glob.length()) {
            char c = glob.charAt(i);
            if (glob.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 2;
            } else if (glob.startsWith("**", i)) {
                regex.append(".*");
                i += 1;
            } else if (c == '*') {
                regex.append("[^/]*");
            } else if (c == '?') {
                regex.append("[^/]");
            } else if (c == '[') {
                int end = glob.indexOf(']', i + 2);
                check(end > 0, glob, "a bracket is not closed");
                regex.append(characterClass(glob, glob.substring(i + 1, end)));
                i = end;
            } else if (c == '{') {
                check(!inBraces, glob, "braces within braces");
                inBraces = true;
                regex.append("(?:");
            } else if (c == '}' && inBraces) {
                inBraces = false;
                regex.append(')');
            } else if (c == ',' && inBraces) {
                regex.append('|');
            } else if (c == '\\') {
                check(i + 1 < glob.length(), glob, "nothing follows the backslash");
                i += 1;
                regex.append(Pattern.quote(glob.substring(i, i + 1)));
            } else {
                int codePoint = glob.codePointAt(i);
                regex.append(Pattern.quote(Character.toString(codePoint)));
                i += Character.charCount(codePoint) - 1;
            }
            i += 1;
        }
        check(!inBraces, glob, "a brace is not closed");
        return regex.toString();
    }

    private static String characterClass(String glob, String content) {
        boolean negated = content.startsWith("!") || content.startsWith("^");
        String members = negated ? content.substring(1) : content;
        String escaped = members.replaceAll("[\\[\\]\\\\^&]", "\\\\$0");
        String regex = (negated ? "[^/" : "[") + escaped + "]";
        try {
            Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            check(false, glob, "no such range of characters: [" + content + "]");
        }
        return regex;
    }

    private static void check(boolean holds, String glob, String what) {
        if (!holds) {
            throw new IllegalArgumentException("Not a pattern: '" + glob + "': " + what);
        }
    }

    @Override
    public String toString() {
        return glob;
    }
}
