package io.dromaius.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.base.Ticker;
import io.dromaius.encoder.EncoderTransport.Connection;
import io.dromaius.encoder.media.MediaLimits;
import io.dromaius.encoder.media.MediaReader;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.model.weights.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes of the golden pictures through the service come out as the reference's embeddings. */
class EncoderGoldenTest {

    @ParameterizedTest
    @CsvSource({"emu-tiny, cformer", "emu-tiny-instruct, instruct.cformer"})
    void picturesAreEncodedAsByTheReference(String checkpoint, String expectedName) throws Exception {
        Path golden = golden();
        List<byte[]> pictures = new ArrayList<>();
        for (JsonNode name : new ObjectMapper()
                .readTree(golden.resolve("cases/vision/vision.json").toFile())
                .get("images")) {
            pictures.add(Files.readAllBytes(golden.resolve("cases/inputs/" + name.textValue() + ".png")));
        }
        float[] expected = tensor(golden.resolve("cases/vision/vision.safetensors"), expectedName);

        VisualEncoder model = VisualEncoder.load(Checkpoint.open(golden.resolve(checkpoint)), Dtype.FP32, Device.CPU);
        ImageBatcher batcher = new ImageBatcher(
                PictureEncoder.of(model), 4, EncoderMetrics.NONE, Ticker.systemTicker(), (thread, cause) -> {});
        batcher.start();
        ExecutorService readers = Executors.newSingleThreadExecutor();
        EncoderService service = new EncoderService(
                new MediaReader(MediaLimits.DEFAULT, model::preprocess),
                batcher,
                readers,
                4,
                EncoderMetrics.NONE,
                Ticker.systemTicker());
        try (Connection connection = EncoderTransport.NETTY.connect(service)) {
            List<CompletableFuture<EncodeAnswer>> calls = pictures.stream()
                    .map(data -> EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), data))
                    .toList();
            int row = 0;
            for (CompletableFuture<EncodeAnswer> call : calls) {
                float[] embeddings = call.get(60, TimeUnit.SECONDS).payload().values();
                float[] wanted = Arrays.copyOfRange(expected, row * embeddings.length, (row + 1) * embeddings.length);
                assertThat(embeddings).containsExactly(wanted, within(1e-4f));
                row++;
            }
            assertThat(row).isEqualTo(2);
        } finally {
            batcher.close();
            readers.shutdownNow();
        }
    }

    private static Path golden() {
        String directory = System.getProperty("golden.dir", "");
        if (directory.isBlank()) {
            if (Boolean.getBoolean("golden.required")) {
                fail("golden.required is true but golden.dir is not set");
            }
            assumeTrue(false, "golden.dir is not set");
        }
        return Path.of(directory);
    }

    private static float[] tensor(Path safetensors, String name) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(safetensors)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(file.getLong())];
        file.get(header);
        JsonNode offsets = new ObjectMapper().readTree(header).get(name).get("data_offsets");
        int start = file.position() + offsets.get(0).intValue();
        float[] values = new float[(offsets.get(1).intValue() - offsets.get(0).intValue()) / 4];
        file.position(start)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }
}
