package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    *.jpg          | a.jpg          | true
                    *.jpg          | dir/a.jpg      | false
                    *.jpg          | a.JPG          | false
                    **/*.jpg       | a.jpg          | true
                    **/*.jpg       | x/y/z/a.jpg    | true
                    **/*.jpg       | x/ajpg         | false
                    train/**       | train/x/a.jpg  | true
                    train/**       | val/x/a.jpg    | false
                    a/**/b.png     | a/b.png        | true
                    a/**/b.png     | a/x/y/b.png    | true
                    a?c.png        | abc.png        | true
                    a?c.png        | a/c.png        | false
                    [a-c]*.png     | bild.png       | true
                    [!a-c]*.png    | bild.png       | false
                    *.{jpg,png}    | a.png          | true
                    *.{jpg,png}    | a.gif          | false
                    \\*.png        | *.png          | true
                    \\*.png        | a.png          | false
                    ../*.png       | ../a.png       | true
                    a//b.png       | a//b.png       | true
                    a.b+(c).png    | a.b+(c).png    | true
                    *.png          | Größe 😀.png   | true
                    ?.png          | é.png          | true
                    """)
    void matchesKeysAsAShellDoes(String glob, String key, boolean matches) {
        assertThat(Glob.of(glob).matches(key)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.JPG", "dir/b.Jpeg", "c.TIF"})
    void ignoresCaseWhereAsked(String key) {
        assertThat(Glob.ignoringCase("**/*.{jpg,jpeg,tif}").matches(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[abc", "{jpg,png", "a\\", "{a,{b,c}}", "[z-a]"})
    void namesAPatternThatIsNone(String glob) {
        assertThatThrownBy(() -> Glob.of(glob))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + glob + "'");
    }

    /** A trillion ways to share 60 letters among the stars, none of which ends in b. */
    @Test
    void aPatternThatWouldTakeForEverIsRefused() {
        Glob glob = Glob.of("*a".repeat(20) + "b");
        assertThatThrownBy(() -> glob.matches("a".repeat(60)))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().code()).isEqualTo("PATTERN_TOO_COSTLY");
                            assertThat(e.failure().retriable()).isFalse();
                        });
    }

    @Test
    void aPatternThatIsLongerThanAnyKeyIsRefused() {
        assertThat(Glob.of("?".repeat(1024)).matches("k".repeat(1024))).isTrue();
        assertThatThrownBy(() -> Glob.of("?".repeat(1025)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than 1024 characters");
    }
}
