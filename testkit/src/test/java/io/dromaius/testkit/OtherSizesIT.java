package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.ImageDone;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.ImageStarted;
import io.dromaius.proto.v1.ModelInfo;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import io.grpc.ManagedChannel;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint of the released layout in which no size is Emu's, stored otherwise too: whoever serves it gives the same. */
@Tag("side-by-side")
final class OtherSizesIT {
    private static final TinySizes SIZES = TinySizes.OTHER;

    @TempDir
    private Path directory;

    /** What one cluster makes of the same requests. */
    @SuppressWarnings("ArrayRecordComponent") // compared with a tolerance
    private record Answers(List<Integer> ids, float[] embeddings, BufferedImage picture) {}

    @Test
    void everySizeIsTheCheckpoints() throws Exception {
        TinyCheckpoint tiny = new TinyCheckpoint(SIZES, 3).inOtherFiles();
        Path pretrain = tiny.pretrain(directory);
        Path instruct = tiny.instruct(directory);

        Answers one = answers(pretrain, 1);
        Answers three = answers(pretrain, 3);
        Answers adapted = answers(instruct, 2);

        assertThat(one.picture().getWidth()).isEqualTo(SIZES.pictures().width());
        assertThat(one.picture().getHeight()).isEqualTo(SIZES.pictures().height());
        assertThat(one.embeddings()).hasSize(SIZES.pictures().visualTokens() * SIZES.hidden());
        assertThat(three.ids()).isEqualTo(one.ids());
        assertThat(three.embeddings()).containsExactly(one.embeddings(), Offset.offset(2e-3f));
        assertThat(adapted.embeddings()).hasSize(one.embeddings().length);
        assertThat(adapted.ids()).isNotEqualTo(one.ids());
    }

    private static Answers answers(Path checkpoint, int shards) throws Exception {
        try (MiniCluster cluster = MiniCluster.serving(checkpoint, shards)) {
            cluster.addEncoder();
            cluster.addDecoder();
            check(cluster.describe().getModel());
            List<GenerateResponse> text = answer(cluster.channel(), describe());
            List<GenerateResponse> drawn = answer(cluster.channel(), draw());
            assertThat(text.get(text.size() - 1).getFinished().getUsage().getPromptTokens())
                    .isGreaterThan(SIZES.pictures().visualTokens());
            return new Answers(
                    text.get(text.size() - 1).getFinished().getCandidates(0).getTokenIdsList(),
                    embeddings(drawn),
                    picture(drawn));
        }
    }

    private static void check(ModelInfo model) {
        assertThat(model.getImageHeight()).isEqualTo(SIZES.pictures().height());
        assertThat(model.getImageWidth()).isEqualTo(SIZES.pictures().width());
        assertThat(model.getImageFactor()).isEqualTo(4);
        assertThat(model.getInputImageSide()).isEqualTo(SIZES.pictures().inputSide());
        assertThat(model.getVisualTokens()).isEqualTo(SIZES.pictures().visualTokens());
    }

    private static List<GenerateResponse> answer(ManagedChannel channel, GenerateRequest request) throws Exception {
        return Answer.start(channel, request).events();
    }

    private static GenerateRequest describe() throws IOException {
        BufferedImage image = new BufferedImage(31, 17, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < image.getWidth(); x++) {
            image.setRGB(x, x / 2, 0x30c0f0 * x);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder()
                        .addParts(Part.newBuilder()
                                .setImage(Image.newBuilder().setData(ByteString.copyFrom(png.toByteArray()))))
                        .addParts(Part.newBuilder().setText("what is it?")))
                .setText(TextOptions.newBuilder().setMaxTokens(12).setMinTokens(12))
                .build();
    }

    private static GenerateRequest draw() {
        return GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder().addParts(Part.newBuilder().setText("a red circle")))
                .addOutputModes(OutputMode.OUTPUT_MODE_IMAGE)
                .setImage(ImageOptions.newBuilder().setSteps(2).setSeed(5).setReturnEmbeddings(true))
                .build();
    }

    private static float[] embeddings(List<GenerateResponse> events) {
        ImageDone done = events.stream()
                .filter(GenerateResponse::hasImageDone)
                .findFirst()
                .orElseThrow()
                .getImageDone();
        FloatBuffer values = done.getEmbeddings()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] floats = new float[values.remaining()];
        values.get(floats);
        return floats;
    }

    private static BufferedImage picture(List<GenerateResponse> events) throws IOException {
        ImageStarted started = events.stream()
                .filter(GenerateResponse::hasImageStarted)
                .findFirst()
                .orElseThrow()
                .getImageStarted();
        assertThat(started.getWidth()).isEqualTo(SIZES.pictures().width());
        ByteString png = events.stream()
                .filter(GenerateResponse::hasImageChunk)
                .map(event -> event.getImageChunk().getData())
                .reduce(ByteString.EMPTY, ByteString::concat);
        return ImageIO.read(png.newInput());
    }
}
