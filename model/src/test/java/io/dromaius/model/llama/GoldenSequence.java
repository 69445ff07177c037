package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.Golden;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;

/** The interleaved prompt of the llm cases: what goes in, and what the reference's heads say at each position. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record GoldenSequence(long[] ids, float[] logSumExp, long[] topIds, float[] topLogits, float[] regress, int hidden) {
    static final float LAYER = 5e-5f;
    private static final float LOGITS = 2e-4f;
    private static final int IMAGE = 32003;
    private static final int TOP = 10;

    /** @param model pretrain or instruct */
    static GoldenSequence read(String model) {
        WeightSource cases = WeightSource.ofFile(Golden.path("cases/llm/llm_" + model + ".safetensors"));
        return new GoldenSequence(
                longs(cases, "input_ids"),
                floats(cases, "logits_logsumexp"),
                longs(cases, "logits_top10_ids"),
                floats(cases, "logits_top10_values"),
                floats(cases, "regress_head"),
                cases.shape("regress_head").get(2).intValue());
    }

    int rows() {
        return ids.length;
    }

    /** Input rows: embedded ids, and the causal transformer's own output for the pictures. */
    Tensor embed(LlamaStage first, String causalFormer) {
        WeightSource vision = WeightSource.ofFile(Golden.path("cases/vision/vision.safetensors"));
        List<StageInput> inputs = new ArrayList<>();
        for (long id : ids) {
            inputs.add(id == IMAGE ? new StageInput.Vectors(1) : new StageInput.Ids((int) id));
        }
        float[] pictures = floats(vision, causalFormer);
        try (Tensor vectors = tensor(pictures, pictures.length / hidden, hidden)) {
            return first.embed(inputs, Optional.of(vectors));
        }
    }

    /** What to read at each of some rows. */
    static List<HeadRow> heads(int rows) {
        List<HeadRow> wanted = new ArrayList<>();
        IntStream.range(0, rows).forEach(row -> wanted.add(new HeadRow.Text(row, TextHead.best(TOP))));
        IntStream.range(0, rows).forEach(row -> wanted.add(new HeadRow.Regress(row)));
        return wanted;
    }

    /** Compares the reading of one row with the reference's at a position. */
    void check(HeadResults results, int row, int position) {
        TextResult text = results.texts().get(row);
        assertThat((long) text.ids()[0]).isEqualTo(topIds[position * TOP]);
        for (int i = 0; i < TOP; i++) {
            float logit = topLogits[position * TOP + i];
            assertThat(text.scores()[i]).isCloseTo(logit, Offset.offset(LOGITS));
            assertThat(text.idLogprobs()[i]).isCloseTo(logit - logSumExp[position], Offset.offset(LOGITS));
        }
        float[] vectors = results.vectors().orElseThrow().floats();
        assertThat(Arrays.copyOfRange(vectors, row * hidden, (row + 1) * hidden))
                .usingComparatorWithPrecision(LAYER)
                .containsExactly(Arrays.copyOfRange(regress, position * hidden, (position + 1) * hidden));
    }

    /** How far the best logit is above the second. */
    float margin(int position) {
        return topLogits[position * TOP] - topLogits[position * TOP + 1];
    }

    static float[] floats(WeightSource cases, String name) {
        try (Tensor tensor = cases.tensor(name, Dtype.FP32)) {
            return tensor.floats();
        }
    }

    static long[] longs(WeightSource cases, String name) {
        try (Tensor tensor = cases.tensor(name, Dtype.INT64)) {
            return tensor.longs();
        }
    }

    static Tensor tensor(float[] values, long... shape) {
        ByteBuffer memory = ByteBuffer.allocateDirect(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        memory.asFloatBuffer().put(values);
        try (Tensor wrapped = Tensor.wrap(Dtype.FP32, shape, memory)) {
            return wrapped.to(Device.CPU, Dtype.FP32);
        }
    }
}
