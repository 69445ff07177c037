package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Ticker;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightSource;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.InputRun;
import io.dromaius.proto.internal.v1.RegressHead;
import io.dromaius.proto.internal.v1.RowResult;
import io.dromaius.proto.internal.v1.SequenceSlice;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.proto.internal.v1.TextHead;
import io.dromaius.wire.TensorBuffer;
import io.dromaius.wire.TensorBuffers;
import io.dromaius.wire.TensorFrame;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards in a chain give the reference's numbers, however many there are: hidden states cross TCP between them. */
class GoldenChainTest {
    private static final int ROWS = 79;
    private static final int HIDDEN = 64;
    private static final int TOP = 10;
    private static final float LOGITS = 2e-4f;
    private static final float REGRESS = 5e-5f;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aChainGivesTheReferencesLogitsAndEmbeddings(int count) throws Exception {
        Checkpoint checkpoint = Checkpoint.open(golden("emu-tiny"));
        WeightSource cases = WeightSource.ofFile(golden("cases/llm/llm_pretrain.safetensors"));
        float[] embeddings = floats(cases, "inputs_embeds");
        try (Chain chain = new Chain(Transport.TCP)) {
            for (int i = 0; i < count; i++) {
                chain.add(new TorchStageLoader(checkpoint, Device.CPU, 1L << 30, Ticker.systemTicker()));
            }
            chain.load(1).forEach(loaded -> assertThat(loaded.getBlocks()).isEqualTo(64));
            Steps steps = chain.open(1);
            List<int[]> chunks = chunks(new Random(count));
            List<Integer> blocks = shuffledBlocks(new Random(count));
            for (int i = 0; i < chunks.size(); i++) {
                int[] chunk = chunks.get(i);
                steps.send(frame(steps.step(i + 1), chunk[0], chunk[1], blocks, embeddings));
                try (TensorFrame<StreamResultsResponse> result = steps.result()) {
                    check(result, chunk[0], chunk[1], cases);
                }
            }
        }
    }

    private static TensorFrame<ExecuteRequest> frame(
            ExecuteRequest.Builder step, int start, int length, List<Integer> blocks, float[] embeddings) {
        int held = (start + 3) / 4;
        SequenceSlice slice = SequenceSlice.newBuilder()
                .setSequence(1)
                .setStart(start)
                .setLength(length)
                .setKeptBlocks(held)
                .addAllNewBlocks(blocks.subList(held, (start + length + 3) / 4))
                .addInputs(InputRun.newBuilder().setVectors(length))
                .build();
        IntStream.range(0, length).forEach(row -> step.addHeads(HeadRow.newBuilder()
                        .setRow(row)
                        .setText(TextHead.newBuilder()
                                .setRepetitionPenalty(1)
                                .setCandidates(TOP)
                                .setLogprobs(TOP)))
                .addHeads(HeadRow.newBuilder().setRow(row).setRegress(RegressHead.getDefaultInstance())));
        TensorBuffer payload = TensorBuffers.shared().lend(length * HIDDEN * Float.BYTES);
        payload.bytes().asFloatBuffer().put(embeddings, start * HIDDEN, length * HIDDEN);
        return TensorFrame.of(
                step.addSlices(slice)
                        .setDtype(DType.D_TYPE_FP32)
                        .addShape(length)
                        .addShape(HIDDEN)
                        .build(),
                payload);
    }

    private static void check(TensorFrame<StreamResultsResponse> result, int start, int length, WeightSource cases) {
        long[] topIds = longs(cases, "logits_top10_ids");
        float[] topLogits = floats(cases, "logits_top10_values");
        float[] logSumExp = floats(cases, "logits_logsumexp");
        for (int row = 0; row < length; row++) {
            RowResult text = result.header().getRows(2 * row);
            int at = start + row;
            assertThat((long) text.getId()).as("greedy id at %s", at).isEqualTo(topIds[at * TOP]);
            assertThat(text.getLogprob()).isCloseTo(topLogits[at * TOP] - logSumExp[at], within(LOGITS));
            assertThat(text.getCandidateIdsCount()).isEqualTo(TOP);
            for (int i = 0; i < TOP; i++) {
                float logit = topLogits[at * TOP + i];
                assertThat(text.getCandidateScores(i)).isCloseTo(logit, within(LOGITS));
                assertThat(text.getLogprobs(i)).isCloseTo(logit - logSumExp[at], within(LOGITS));
            }
        }
        FloatBuffer vectors = result.payload().asFloatBuffer();
        float[] regressed = new float[vectors.remaining()];
        vectors.get(regressed);
        assertThat(regressed)
                .usingComparatorWithPrecision(REGRESS)
                .containsExactly(
                        Arrays.copyOfRange(floats(cases, "regress_head"), start * HIDDEN, (start + length) * HIDDEN));
    }

    /** Starts and lengths that cover the prompt: some decode-like, some prefill-like. */
    private static List<int[]> chunks(Random random) {
        List<int[]> chunks = new ArrayList<>();
        int start = 0;
        while (start < ROWS) {
            int length = Math.min(ROWS - start, 1 + random.nextInt(random.nextBoolean() ? 2 : 30));
            chunks.add(new int[] {start, length});
            start += length;
        }
        return chunks;
    }

    private static List<Integer> shuffledBlocks(Random random) {
        List<Integer> blocks = new ArrayList<>(IntStream.range(0, 64).boxed().toList());
        Collections.shuffle(blocks, random);
        return blocks;
    }

    private static float[] floats(WeightSource source, String name) {
        try (Tensor tensor = source.tensor(name, Dtype.FP32)) {
            return tensor.floats();
        }
    }

    private static long[] longs(WeightSource source, String name) {
        try (Tensor tensor = source.tensor(name, Dtype.INT64)) {
            return tensor.longs();
        }
    }

    private static Path golden(String relative) {
        String directory = System.getProperty("golden.dir", "");
        if (directory.isBlank()) {
            if (Boolean.getBoolean("golden.required")) {
                fail("golden.required is true but golden.dir is not set");
            }
            assumeTrue(false, "golden.dir is not set");
        }
        return Path.of(directory, relative);
    }
}
