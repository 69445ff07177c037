package io.dromaius.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureSpecTest {
    private static final String UNET =
            """
            {"sample_size": [6, 10], "block_out_channels": [8, 16],
             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}
            """;
    private static final String VAE =
            """
            {"block_out_channels": [8, 16, 16], "latent_channels": 3,
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"]}
            """;

    @TempDir
    Path root;

    @Test
    void aPictureIsTheUnetsSampleEnlargedByTheVae() throws IOException {
        config("unet", UNET);
        config("vae", VAE);

        assertThat(PictureSpec.read(root)).isEqualTo(new PictureSpec(24, 40, 4, 3));
    }

    @Test
    void aCheckpointThatLacksEitherDrawsNone() throws IOException {
        config("unet", UNET);

        assertThat(PictureSpec.read(root)).isEqualTo(PictureSpec.NONE);
    }

    @Test
    void anotherNetworkIsRefusedByItsFile() throws IOException {
        config("unet", UNET.replace("\"DownBlock2D\"", "\"ResnetDownsampleBlock2D\""));
        config("vae", VAE);

        assertThatThrownBy(() -> PictureSpec.read(root))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(root.resolve("unet/config.json").toString())
                .hasMessageContaining("unsupported blocks");
    }

    private void config(String folder, String json) throws IOException {
        Files.createDirectories(root.resolve(folder));
        Files.writeString(root.resolve(folder).resolve("config.json"), json);
    }
}
