package io.dromaius.shard.free;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.llama.StageStep;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.RegressHead;
import io.dromaius.proto.internal.v1.TextHead;
import io.dromaius.shard.Stage;
import io.dromaius.shard.StageLayout;
import io.dromaius.shard.StageOutput;
import io.dromaius.shard.Step;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class FreeStageTest {
    private static final LlamaSpec LLAMA = new LlamaSpec(4, 64, 4, 128, 1000, 1e-6, 1e4, 2048);

    @Test
    void whatItGivesHasTheFormOfTheRealThing() {
        StageStep work = new StageStep(List.of(), List.of());
        List<HeadRow> heads = List.of(
                HeadRow.newBuilder()
                        .setRow(0)
                        .setText(TextHead.newBuilder()
                                .setCandidates(10)
                                .setLogprobs(2)
                                .addScoreIds(7))
                        .build(),
                HeadRow.newBuilder()
                        .setRow(1)
                        .setRegress(RegressHead.getDefaultInstance())
                        .build());

        StageOutput middle = stage(1, 2).execute(new Step(work, 3, List.of(), 0, List.of()), ByteBuffer.allocate(0));
        StageOutput last = stage(2, 4).execute(new Step(work, 3, List.of(), 0, heads), ByteBuffer.allocate(0));

        assertThat(middle.shape()).containsExactly(3, 64);
        assertThat(middle.payload().remaining()).isEqualTo(3 * 64 * 2);
        assertThat(last.shape()).containsExactly(1, 64);
        assertThat(last.results()).hasSize(2);
        assertThat(last.results().get(0).getCandidateIdsList()).hasSize(10).doesNotHaveDuplicates();
        assertThat(last.results().get(0).getLogprobsCount()).isEqualTo(2);
        assertThat(last.results().get(0).getScoresCount()).isEqualTo(1);
        middle.release().run();
        last.release().run();
    }

    private static Stage stage(int first, int end) {
        return FreeStage.loader(LLAMA)
                .load(new StageLayout(new LayerRange(first, end), DType.D_TYPE_BF16, 16, 8, false));
    }
}
