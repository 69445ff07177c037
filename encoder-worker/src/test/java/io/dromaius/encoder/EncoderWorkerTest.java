package io.dromaius.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.ConfigLoader;
import io.dromaius.proto.internal.v1.EncodeRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncoderWorkerTest {
    @TempDir
    private Path directory;

    @Test
    void theDeathOfAReaderIsTold() throws Exception {
        CompletableFuture<Throwable> death = new CompletableFuture<>();
        EncoderWorker worker = new EncoderWorker(
                VisualEncoder.load(Checkpoint.open(TinyCheckpoint.writePretrain(directory)), Dtype.FP32, Device.CPU),
                ConfigLoader.load(EncoderWorkerConfig.class, List.of(), Map.of()),
                new NoNatives(),
                Ticker.systemTicker(),
                (thread, cause) -> death.complete(cause));
        worker.start();
        try (EncoderTransport.Connection connection = EncoderTransport.IN_PROCESS.connect(worker.service())) {
            CompletableFuture<EncodeAnswer> call = EncodeAnswer.send(
                    connection.channel(),
                    EncodeAnswer.picture(),
                    RgbImage.black(10, 10).toPng());
            assertThat(death.get(60, TimeUnit.SECONDS)).hasMessage("expected by this test");
            assertThat(call).failsWithin(Duration.ofSeconds(60));
        } finally {
            worker.close();
        }
    }

    /** Ends every reader with an Error. */
    private static final class NoNatives implements EncoderMetrics {
        @Override
        public void mediaRead(EncodeRequest.Kind kind, long nanos) {
            throw new LinkageError("expected by this test");
        }

        @Override
        public void mediaRefused(EncodeRequest.Kind kind) {}

        @Override
        public void batchRan(int pictures, long nanos) {}
    }
}
