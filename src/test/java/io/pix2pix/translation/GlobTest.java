package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
