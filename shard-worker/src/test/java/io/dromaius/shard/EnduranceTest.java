package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinyPictures;
import io.dromaius.model.tiny.TinySizes;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.RegressHead;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two thousand steps through two real stages over TCP take no memory that they do not give back. */
class EnduranceTest {
    private static final int STEPS = 2_000;
    private static final int WARM = 500;
    private static final int WINDOW = 3;
    private static final int ROWS = 128;
    private static final long MIB = 1 << 20;
    /** One hidden state a step, forgotten by one shard, would come to 47 MiB; the JVM's compilers still take some. */
    private static final long TOLERANCE = 24 * MIB;

    @TempDir
    private Path directory;

    @Test
    void buffersComeBackAndMemoryStaysFlat() throws Exception {
        TinySizes tiny =
                new TinySizes(2, 64, 4, 96, 512, 1, 64, 32, 1, 48, 4, List.of(32, 32, 32, 32), TinyPictures.DEFAULT);
        Checkpoint checkpoint = Checkpoint.open(new TinyCheckpoint(tiny, 1).pretrain(directory));
        Torch.setThreads(1);
        try (Chain chain = new Chain(Transport.TCP)) {
            chain.add(new TorchStageLoader(checkpoint, Device.CPU, 64 * MIB, Ticker.systemTicker()));
            chain.add(new TorchStageLoader(checkpoint, Device.CPU, 64 * MIB, Ticker.systemTicker()));
            chain.load(1);
            int tensors = Torch.liveTensors();
            Steps steps = chain.open(1);
            long direct = 0;
            long resident = 0;
            for (int step = 1; step <= STEPS; step++) {
                steps.send(prefill(steps, step));
                if (step > WINDOW) {
                    steps.result().close();
                }
                if (step == WARM) {
                    direct = directBytes();
                    resident = NativeMemory.residentBytes();
                }
            }
            long directGrowth = directBytes() - direct;
            long residentGrowth = NativeMemory.residentBytes() - resident;
            for (int step = 0; step < WINDOW; step++) {
                steps.result().close();
            }
            steps.acknowledged(STEPS);

            Chain.awaitNothingLent();
            assertThat(Torch.liveTensors()).as("tensors not freed").isEqualTo(tensors);
            assertThat(directGrowth).as("direct memory").isLessThan(TOLERANCE);
            assertThat(residentGrowth).as("memory beside the heap").isLessThan(TOLERANCE);
        }
    }

    /** A new sequence in half of the blocks, in place of the one that had them two steps before. */
    private static ExecuteRequest prefill(Steps steps, int step) {
        List<Integer> blocks =
                IntStream.range(0, 32).mapToObj(i -> step % 2 * 32 + i).toList();
        ExecuteRequest.Builder frame = steps.step(step)
                .addSlices(ShardChainTest.ids(
                        step, 0, 0, blocks, Collections.nCopies(ROWS, 7).toArray(new Integer[0])))
                .addHeads(ShardChainTest.text(ROWS - 1))
                .addHeads(HeadRow.newBuilder().setRow(3).setRegress(RegressHead.getDefaultInstance()));
        if (step > 2) {
            frame.addReleased(step - 2);
        }
        return frame.build();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
