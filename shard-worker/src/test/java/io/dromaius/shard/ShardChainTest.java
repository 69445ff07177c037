package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.BlockCopy;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.InputRun;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.RegressHead;
import io.dromaius.proto.internal.v1.RowResult;
import io.dromaius.proto.internal.v1.SequenceSlice;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.proto.internal.v1.TextHead;
import io.dromaius.wire.TensorBuffer;
import io.dromaius.wire.TensorBuffers;
import io.dromaius.wire.TensorFrame;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an owner and its shards may rely on, for chains of one to three shards over both transports. */
class ShardChainTest {
    static Stream<Arguments> chains() {
        return Arrays.stream(Transport.values())
                .flatMap(transport -> IntStream.rangeClosed(1, 3).mapToObj(count -> Arguments.of(transport, count)));
    }

    @ParameterizedTest
    @MethodSource("chains")
    void stepsPassThroughEveryStageAndComeBackInOrder(Transport transport, int count) throws Exception {
        try (Chain chain = Chain.of(transport, count)) {
            chain.load(1);
            Steps steps = chain.open(1);

            steps.send(steps.step(1)
                    .addSlices(ids(7, 0, 0, List.of(0, 1), 10, 20, 30, 40, 50))
                    .addHeads(text(4))
                    .build());
            steps.send(steps.step(2)
                    .addSlices(ids(7, 5, 2, List.of(), 60))
                    .addHeads(text(0))
                    .build());

            try (TensorFrame<StreamResultsResponse> first = steps.result();
                    TensorFrame<StreamResultsResponse> second = steps.result()) {
                assertThat(first.header().getStep()).isEqualTo(1);
                assertThat(first.header().getRowsList()).containsExactly(row(50, 150));
                assertThat(first.header().getBlocksInUse()).isEqualTo(2);
                assertThat(second.header().getStep()).isEqualTo(2);
                assertThat(second.header().getRowsList()).containsExactly(row(60, 210));
                assertThat(second.header().getTimingsList())
                        .extracting(StageTiming::getMember)
                        .containsExactlyElementsOf(IntStream.range(0, count)
                                .mapToObj(i -> "shard-" + i)
                                .toList());
            }
            steps.acknowledged(2);
        }
    }

    @ParameterizedTest
    @MethodSource("chains")
    void vectorsAreFedAndRegressedInOrder(Transport transport, int count) throws Exception {
        try (Chain chain = Chain.of(transport, count)) {
            chain.load(1);
            Steps steps = chain.open(1);
            SequenceSlice slice = SequenceSlice.newBuilder()
                    .setSequence(1)
                    .setLength(3)
                    .addNewBlocks(9)
                    .addInputs(InputRun.newBuilder().addIds(5))
                    .addInputs(InputRun.newBuilder().setVectors(2))
                    .build();

            steps.send(vectors(
                    steps.step(1)
                            .addSlices(slice)
                            .addHeads(regress(2))
                            .addHeads(text(0))
                            .addHeads(regress(1)),
                    new float[][] {{11, 0, 0, 7}, {13, 0, 0, 8}}));

            try (TensorFrame<StreamResultsResponse> result = steps.result()) {
                assertThat(result.header().getRowsCount()).isEqualTo(3);
                assertThat(result.header().getRows(1)).isEqualTo(row(5, 5));
                assertThat(result.header().getShapeList()).containsExactly(2, FakeStage.HIDDEN);
                assertThat(result.header().getDtype()).isEqualTo(DType.D_TYPE_FP32);
                float[] floats = new float[8];
                result.payload().asFloatBuffer().get(floats);
                assertThat(floats).containsExactly(13, Chain.LAYERS, 29, 8, 11, Chain.LAYERS, 16, 7);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("chains")
    void beamsForkAndReleaseOnEveryShard(Transport transport, int count) throws Exception {
        try (Chain chain = Chain.of(transport, count)) {
            chain.load(1);
            Steps steps = chain.open(1);

            steps.send(steps.step(1)
                    .addSlices(ids(1, 0, 0, List.of(0, 1), 1, 2, 3, 4, 5))
                    .addHeads(text(4))
                    .build());
            // Two beams share block 0; each goes on in its own copy of block 1.
            steps.send(steps.step(2)
                    .addCopies(BlockCopy.newBuilder().setSource(1).setTarget(2))
                    .addSlices(ids(2, 5, 1, List.of(2), 100).toBuilder().setParent(1))
                    .addSlices(ids(3, 5, 2, List.of(), 200).toBuilder().setParent(1))
                    .addReleased(1)
                    .addHeads(text(0))
                    .addHeads(text(1))
                    .build());
            steps.send(steps.step(3).addReleased(3).build());
            steps.send(steps.step(4)
                    .addSlices(ids(2, 6, 2, List.of(), 7))
                    .addHeads(text(0))
                    .build());

            steps.result().close();
            try (TensorFrame<StreamResultsResponse> forked = steps.result();
                    TensorFrame<StreamResultsResponse> released = steps.result();
                    TensorFrame<StreamResultsResponse> alone = steps.result()) {
                assertThat(forked.header().getRowsList()).containsExactly(row(100, 115), row(200, 215));
                assertThat(forked.header().getBlocksInUse()).isEqualTo(3);
                assertThat(released.header().getRowsList()).isEmpty();
                assertThat(released.header().getBlocksInUse()).isEqualTo(2);
                assertThat(alone.header().getRowsList()).containsExactly(row(7, 122));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void whatNamesAnotherEpochPipelineOrOwnerIsRefusedAndDisturbsNobody(Transport transport) throws Exception {
        try (Chain chain = Chain.of(transport, 2)) {
            chain.load(5);
            Steps steps = chain.open(5);
            steps.send(firstStep(steps));
            steps.result().close();

            for (Steps stranger : List.of(
                    chain.openSteps(4, Chain.OWNER), chain.openSteps(6, Chain.OWNER), chain.openSteps(5, "owner-2"))) {
                stranger.send(firstStep(stranger));
                refusedAsStale(stranger.failure(), "5");
            }
            Steps results = chain.steps(4, Chain.OWNER);
            results.openResults(chain.last().channel());
            refusedAsStale(results.resultsFailure(), "5");
            assertThatThrownBy(() ->
                            chain.shard(0).stub().loadShard(chain.order(0, 4).build()))
                    .satisfies(failure -> refusedAsStale(failure, "5"));
            assertThatThrownBy(() -> chain.shard(0)
                            .stub()
                            .loadShard(chain.order(0, 5).setOwner("owner-2").build()))
                    .satisfies(failure -> refusedAsStale(failure, "5"));

            steps.send(steps.step(2).build());
            steps.result().close();
            assertThat(steps.alive()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void aHigherEpochEndsTheStreamsOfTheOneBefore(Transport transport) throws Exception {
        try (Chain chain = Chain.of(transport, 2)) {
            chain.load(1);
            Steps before = chain.open(1);
            before.send(firstStep(before));
            before.result().close();

            chain.load(2);

            assertThat(Status.fromThrowable(before.failure()).getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(Status.fromThrowable(before.resultsFailure()).getCode())
                    .isIn(Status.Code.FAILED_PRECONDITION, Status.Code.UNAVAILABLE);
            Steps after = chain.open(2);
            after.send(firstStep(after));
            try (TensorFrame<StreamResultsResponse> result = after.result()) {
                assertThat(result.header().getEpoch()).isEqualTo(2);
                assertThat(result.header().getRowsList()).containsExactly(row(3, 6));
            }
        }
    }

    @Test
    void anOwnerMayStartItsEpochAfresh() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 2)) {
            chain.load(1);
            Steps before = chain.open(1);
            before.send(firstStep(before));
            before.result().close();

            chain.load(1);

            Steps after = chain.open(1);
            after.send(firstStep(after));
            try (TensorFrame<StreamResultsResponse> result = after.result()) {
                assertThat(result.header().getBlocksInUse())
                        .as("the tables are empty")
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aReleasedShardServesNothingUntilAHigherEpoch() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 1)) {
            chain.load(3);
            Steps steps = chain.open(3);
            steps.send(firstStep(steps));
            steps.result().close();

            chain.shard(0).worker().release(2);
            steps.send(steps.step(2).build());
            steps.result().close();
            chain.shard(0).worker().release(3);

            refusedAsStale(steps.failure(), "3");
            assertThatThrownBy(() -> chain.load(3)).satisfies(failure -> refusedAsStale(failure, "3"));
            chain.load(4);
            Steps after = chain.open(4);
            after.send(firstStep(after));
            after.result().close();
        }
    }

    @Test
    void aDrainingShardEndsItsStreamsByName() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 2)) {
            chain.load(1);
            Steps steps = chain.open(1);
            steps.send(firstStep(steps));
            steps.result().close();

            chain.last().worker().drain(java.time.Duration.ZERO);

            assertThat(Failures.codeOf(steps.failure())).contains(FailureCode.DRAINING);
            assertThat(Failures.infoOf(steps.failure(), "member")).contains("shard-1");
        }
    }

    @Test
    void aFinishedStreamOfStepsFinishesTheResults() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 3)) {
            chain.load(1);
            Steps steps = chain.open(1);
            steps.send(firstStep(steps));
            steps.call().onCompleted();

            steps.result().close();
            assertThat(steps.resultsFailure()).hasMessage("the results have ended");
            assertThat(steps.failure()).hasMessage("the steps have ended");
        }
    }

    @Test
    void whatALoadRequestGetsWrongIsNamed() throws Exception {
        try (Chain chain = Chain.of(Transport.IN_PROCESS, 2)) {
            refusedField(chain, chain.order(0, 1).setEndLayer(99), "end_layer");
            refusedField(chain, chain.order(0, 1).setFirstLayer(3), "first_layer");
            refusedField(chain, chain.order(0, 1).setEpoch(0), "epoch");
            refusedField(chain, chain.order(0, 1).setOwner(""), "owner");
            refusedField(chain, chain.order(0, 1).setPipeline(""), "pipeline");
            refusedField(chain, chain.order(0, 1).setNextEndpoint(""), "next_endpoint");
            refusedField(chain, chain.order(0, 1).setNextMember(""), "next_member");
            refusedField(chain, chain.order(0, 1).setDtype(DType.D_TYPE_FP16), "dtype");
            refusedField(chain, chain.order(0, 1).setBlockSize(0), "block_size");
            refusedField(chain, chain.order(0, 1).setMaxBlocks(0), "max_blocks");
            List<LoadShardResponse> loaded = chain.load(1);
            assertThat(loaded)
                    .allSatisfy(response -> assertThat(response.getBlocks()).isEqualTo(64));
        }
    }

    private static void refusedField(
            Chain chain, io.dromaius.proto.internal.v1.LoadShardRequest.Builder order, String field) {
        assertThatThrownBy(() -> chain.shard(0).stub().loadShard(order.build()))
                .satisfies(failure -> assertThat(Failures.detail(failure, com.google.rpc.BadRequest.class)
                                .orElseThrow()
                                .getFieldViolations(0)
                                .getField())
                        .isEqualTo(field));
    }

    private static void refusedAsStale(Throwable failure, String expectedEpoch) {
        assertThat(failure).isInstanceOf(StatusRuntimeException.class);
        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.STALE_EPOCH);
        assertThat(Failures.infoOf(failure, "expected_epoch")).contains(expectedEpoch);
    }

    static ExecuteRequest firstStep(Steps steps) {
        return steps.step(1)
                .addSlices(ids(1, 0, 0, List.of(0), 1, 2, 3))
                .addHeads(text(2))
                .build();
    }

    static SequenceSlice ids(long sequence, int start, int kept, List<Integer> blocks, Integer... ids) {
        return SequenceSlice.newBuilder()
                .setSequence(sequence)
                .setStart(start)
                .setLength(ids.length)
                .setKeptBlocks(kept)
                .addAllNewBlocks(blocks)
                .addInputs(InputRun.newBuilder().addAllIds(List.of(ids)))
                .build();
    }

    static HeadRow text(int row) {
        return HeadRow.newBuilder()
                .setRow(row)
                .setText(TextHead.newBuilder().setRepetitionPenalty(1).setCandidates(1))
                .build();
    }

    private static HeadRow regress(int row) {
        return HeadRow.newBuilder()
                .setRow(row)
                .setRegress(RegressHead.getDefaultInstance())
                .build();
    }

    private static RowResult row(int id, float sum) {
        return RowResult.newBuilder().setId(id).setLogprob(sum).build();
    }

    static TensorFrame<ExecuteRequest> vectors(ExecuteRequest.Builder header, float[][] vectors) {
        TensorBuffer buffer = TensorBuffers.shared().lend(vectors.length * FakeStage.HIDDEN * Float.BYTES);
        FloatBuffer floats = buffer.bytes().asFloatBuffer();
        for (float[] vector : vectors) {
            floats.put(vector);
        }
        return TensorFrame.of(
                header.setDtype(DType.D_TYPE_FP32)
                        .addShape(vectors.length)
                        .addShape(FakeStage.HIDDEN)
                        .build(),
                buffer);
    }
}
