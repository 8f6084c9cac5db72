package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class LetteringTest {
    @Test
    void writesDots() {
        assertThat(written("T")).isEqualTo("#####|..#..|..#..|..#..|..#..|..#..|..#..|.....");
    }

    @Test
    void writesAQuestionMarkForLettersItLacks() {
        assertThat(written("\u6f22")).isEqualTo(written("?"));
    }

    @Test
    void cutsInTheMiddleWhatIsTooLong() {
        assertThat(Lettering.fit("facade-001.png", Lettering.width("facade-001.png", 1), 1))
                .isEqualTo("facade-001.png");
        assertThat(Lettering.fit("facade-001.png", Lettering.width("0123456789", 2), 2))
                .isEqualTo("faca...png");
        assertThat(Lettering.fit("facade", 5, 1)).isEmpty();
    }

    private static String written(String text) {
        BufferedImage image = new BufferedImage(5, 8, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        Lettering.write(g, text, 0, 0, 1, Color.WHITE);
        g.dispose();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            out.append(i > 0 && i % 5 == 0 ? "|" : "");
            out.append((image.getRGB(i % 5, i / 5) & 0xFF) == 0 ? '.' : '#');
        }
        return out.toString();
    }
}
