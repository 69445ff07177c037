package io.dromaius.model.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.torch.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The layer benchmark on a toy model: every figure is there, and nothing stays open. */
class LayerBenchTest {
    private static final LlamaSpec TOY = new LlamaSpec(2, 64, 2, 96, 100, 1e-6, 10000, 2048);

    @Test
    void reportsEveryFigure() {
        AtomicLong clock = new AtomicLong();
        run(clock, true);
        int before = Torch.liveTensors();
        run(clock, false);
        assertThat(Torch.liveTensors()).isEqualTo(before);
    }

    private static void run(AtomicLong clock, boolean batchInvariant) {
        try (LayerBench bench = new LayerBench(TOY, Dtype.BF16, batchInvariant, () -> clock.addAndGet(1_000_000))) {
            assertThat(bench.steps(3, round -> {})).hasSize(18).containsEntry("decode batch 8 / batch 1", 1.0);
        }
        try (AttentionBench bench = new AttentionBench(TOY, 5, () -> clock.addAndGet(1_000_000))) {
            assertThat(bench.run(3, round -> {})).hasSize(18).containsEntry("attention 5 beams, packed / reader", 1.0);
        }
    }

    @Test
    void everyKernelIsComparedWithTheReader() {
        int before = Torch.liveTensors();
        AtomicLong clock = new AtomicLong();
        try (KernelBench bench = new KernelBench(TOY, () -> clock.addAndGet(1_000_000))) {
            assertThat(bench.run(5, 2, round -> {})).hasSize(16).containsEntry("fused, 5 rows / reader", 1.0);
        }
        assertThat(Torch.liveTensors()).isEqualTo(before);
    }

    @Test
    void theReaderReadsEveryByteOnce() {
        try (ScriptModule script = ScriptModule.load("bench", "Bench");
                Tensor fp32 = Tensor.of(new float[] {1, 2, 4, 8}, 2, 2);
                Tensor ones = Tensor.of(new float[] {1, 1, 1, 1}, 4);
                Tensor bf16 = ones.to(Device.CPU, Dtype.BF16);
                // Two bf16 ones are the fp32 with these bits.
                Tensor sum = script.tensor("total", List.of(fp32, bf16))) {
            float pair = Float.intBitsToFloat(0x3f803f80);
            assertThat(sum.floats()).containsExactly(15 + 2 * pair);
            assertThat(bf16.floats()).containsExactly(1, 1, 1, 1);
        }
    }

    @Test
    void everyPieceIsTimedInEveryRoundButTheFirst() {
        AtomicLong clock = new AtomicLong();
        long[] cost = {50, 1, 9, 5};
        int[] calls = new int[1];
        Stopwatches watches = new Stopwatches(clock::get);
        watches.add("a", () -> clock.addAndGet(cost[calls[0]++] * 1_000_000));
        watches.add("b", () -> clock.addAndGet(2_000_000));
        List<Integer> finished = new ArrayList<>();
        assertThat(watches.run(3, finished::add).millis())
                .isEqualTo(Map.of("a", List.of(1.0, 9.0, 5.0), "b", List.of(2.0, 2.0, 2.0)));
        assertThat(finished).containsExactly(0, 1, 2, 3);
    }

    @Test
    void ratiosAreTakenRoundByRound() {
        Timings timings = new Timings(Map.of("a", List.of(2.0, 30.0, 8.0), "b", List.of(1.0, 10.0, 2.0)));
        Map<String, Double> report = new HashMap<>();
        timings.putRatio(report, "a / b", "a", "b");
        assertThat(report).isEqualTo(Map.of("a / b", 3.0, "a / b, best", 2.0));
        assertThat(new Timings(Map.of("a", List.of(4.0, 1.0, 3.0, 2.0))).median("a"))
                .isEqualTo(2.5);
    }
}
