package io.dromaius.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.ConfigException;
import io.dromaius.node.ConfigLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecoderWorkerTest {
    @TempDir
    private Path directory;

    @Test
    void theDeathOfTheThreadThatTalksToClientsIsTold() throws Exception {
        CompletableFuture<Throwable> death = new CompletableFuture<>();
        DecoderWorker worker = new DecoderWorker(
                () -> {
                    throw new AssertionError("loads nothing before it is started");
                },
                ConfigLoader.load(DecoderConfig.class, List.of(), Map.of()),
                Ticker.systemTicker(),
                new CountingMetrics(),
                (thread, cause) -> death.complete(cause));
        worker.events().execute(() -> {
            throw new LinkageError("expected by this test");
        });
        assertThat(death.get(60, TimeUnit.SECONDS)).hasMessage("expected by this test");
        worker.close();
    }

    @Test
    void aDecoderWhoseWeightsGiveNoNumbersDoesNotStart() throws Exception {
        Path damaged = new TinyCheckpoint(TinySizes.DEFAULT, 0).damaged().pretrain(directory);
        DecoderWorker worker = new DecoderWorker(
                () -> ImageDecoder.load(Checkpoint.open(damaged), Dtype.FP32, Device.CPU),
                ConfigLoader.load(DecoderConfig.class, List.of("--checkpoint", damaged.toString()), Map.of()),
                Ticker.systemTicker(),
                new CountingMetrics(),
                (thread, cause) -> {});
        try {
            assertThatThrownBy(worker::start)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(damaged.toString())
                    .hasMessageContaining("not finite");
        } finally {
            worker.close();
        }
    }
}
