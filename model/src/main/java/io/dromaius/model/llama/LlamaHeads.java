package io.dromaius.model.llama;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.LlamaWeights;
import io.dromaius.model.weights.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Final norm, lm_head with its processors, and stu_regress_head ({@code heads.py}). */
final class LlamaHeads implements AutoCloseable {
    private final Owned owned = new Owned();
    private final ScriptModule script;
    private final Tensor norm;
    private final Tensor lmHead;
    private final Tensor regressHead;
    private final Device device;

    LlamaHeads(LlamaSpec spec, WeightSource source, StageOptions options) {
        StageWeights weights = new StageWeights(source, options);
        int d = spec.hidden();
        this.device = options.device();
        try {
            this.norm = owned.add(weights.read(LlamaWeights.FINAL_NORM, d));
            this.lmHead = owned.add(weights.readFactor(LlamaWeights.LM_HEAD, spec.vocabulary(), d));
            this.regressHead = owned.add(weights.readFactor(LlamaWeights.REGRESS_HEAD, d, d));
            this.script = owned.add(
                    ScriptModule.load("heads", "Heads", Map.of("eps", spec.normEps(), "filled", weights.filled())));
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    HeadResults read(Tensor hidden, List<HeadRow> rows) {
        List<TextResult> texts = texts(hidden, HeadRow.text(rows));
        long[] regress = HeadRow.regress(rows).stream().mapToLong(HeadRow::row).toArray();
        if (regress.length == 0) {
            return new HeadResults(texts, Optional.empty());
        }
        try (Tensor wanted = index(regress);
                Tensor vectors = script.tensor("regress", hidden, wanted, norm, regressHead)) {
            return new HeadResults(texts, Optional.of(vectors.to(Device.CPU, vectors.dtype())));
        }
    }

    private List<TextResult> texts(Tensor hidden, List<HeadRow.Text> rows) {
        List<TextResult> results = new ArrayList<>();
        if (rows.isEmpty()) {
            return results;
        }
        long[] distinct =
                rows.stream().mapToLong(HeadRow::row).distinct().sorted().toArray();
        List<Tensor> scored;
        try (Tensor wanted = index(distinct)) {
            scored = script.tensors("text", hidden, wanted, norm, lmHead);
        }
        try (Tensor logits = scored.get(0);
                Tensor logprobs = scored.get(1)) {
            for (HeadRow.Text row : rows) {
                results.add(select(logits, logprobs, Arrays.binarySearch(distinct, row.row()), row.head()));
            }
        }
        return results;
    }

    private TextResult select(Tensor logits, Tensor logprobs, int row, TextHead head) {
        List<Tensor> found = script.tensors(
                "select",
                logits,
                logprobs,
                row,
                head.onLogProbabilities(),
                head.penalised(),
                head.repetitionPenalty(),
                head.banned(),
                head.constrained(),
                head.allowedIds(),
                head.candidates(),
                head.ties(),
                head.logprobs(),
                head.scoreIds());
        try (Tensor ids = found.get(0);
                Tensor values = found.get(1);
                Tensor topIds = found.get(2)) {
            int k = (int) ids.elements();
            int top = (int) topIds.elements();
            float[] all = values.floats();
            return new TextResult(
                    ints(ids),
                    Arrays.copyOfRange(all, 0, k),
                    Arrays.copyOfRange(all, k, 2 * k),
                    ints(topIds),
                    Arrays.copyOfRange(all, 2 * k, 2 * k + top),
                    Arrays.copyOfRange(all, 2 * k + top, all.length));
        }
    }

    private Tensor index(long[] rows) {
        try (Tensor index = Tensor.of(rows, rows.length)) {
            return index.to(device, Dtype.INT64);
        }
    }

    private static int[] ints(Tensor ids) {
        return Arrays.stream(ids.longs()).mapToInt(Math::toIntExact).toArray();
    }

    @Override
    public void close() {
        owned.close();
    }
}
