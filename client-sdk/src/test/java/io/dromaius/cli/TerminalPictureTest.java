package io.dromaius.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalPictureTest {
    @Test
    void aCharacterIsAPixelAboveAnother() {
        BufferedImage picture = new BufferedImage(80, 80, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 80; x++) {
            for (int y = 0; y < 80; y++) {
                picture.setRGB(x, y, y < 2 ? 0xff8000 : 0x000010);
            }
        }

        List<String> lines = TerminalPicture.draw(picture).lines().toList();

        assertThat(lines).hasSize(20);
        assertThat(lines.get(0))
                .startsWith("  \u001b[38;2;255;128;0m\u001b[48;2;0;0;16m\u2580")
                .endsWith("\u001b[0m");
        assertThat(lines.get(1)).doesNotContain("255");
    }
}
