package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.v1.Candidate;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Same seed, same ids: at any split of the model, alone and in company. */
final class SamplingIT {
    private static final int COMPANY = 16;

    @Test
    void aSeedDecidesTheIds() throws Exception {
        List<List<List<Integer>>> alone = new ArrayList<>();
        List<List<List<Integer>>> together = new ArrayList<>();
        for (int shards : List.of(1, 3)) {
            try (MiniCluster cluster = MiniCluster.serving(Golden.checkpoint("pretrain"), shards)) {
                List<List<Integer>> each = new ArrayList<>();
                for (int i = 0; i < COMPANY; i++) {
                    each.add(ids(start(cluster, i).get(60, TimeUnit.SECONDS)));
                }
                alone.add(each);
                List<CompletableFuture<GenerateResponse>> calls = new ArrayList<>();
                for (int i = 0; i < COMPANY; i++) {
                    calls.add(start(cluster, i));
                }
                List<List<Integer>> all = new ArrayList<>();
                for (CompletableFuture<GenerateResponse> call : calls) {
                    all.add(ids(call.get(60, TimeUnit.SECONDS)));
                }
                together.add(all);
            }
        }
        assertThat(together.get(0)).isEqualTo(alone.get(0));
        assertThat(alone.get(1)).isEqualTo(alone.get(0));
        assertThat(together.get(1)).isEqualTo(alone.get(0));
        assertThat(alone.get(0).stream().distinct().count()).as("seeds differ").isGreaterThan(COMPANY / 2);
    }

    private static List<Integer> ids(GenerateResponse last) {
        return last.getFinished().getCandidatesList().stream()
                .map(Candidate::getTokenIdsList)
                .flatMap(List::stream)
                .toList();
    }

    private static CompletableFuture<GenerateResponse> start(MiniCluster cluster, int seed) {
        GenerateRequest request = GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder()
                        .addParts(Part.newBuilder().setText("Once upon a time".repeat(1 + seed % 5))))
                .setText(TextOptions.newBuilder()
                        .setTemperature(0.9f)
                        .setTopK(50)
                        .setTopP(0.95f)
                        .setSeed(seed)
                        .setN(1 + seed % 2)
                        .setMaxTokens(24))
                .build();
        CompletableFuture<GenerateResponse> last = new CompletableFuture<>();
        GenerationServiceGrpc.newStub(cluster.channel())
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .generate(request, new StreamObserver<>() {
                    private GenerateResponse latest = GenerateResponse.getDefaultInstance();

                    @Override
                    public void onNext(GenerateResponse event) {
                        latest = event;
                    }

                    @Override
                    public void onError(Throwable cause) {
                        last.completeExceptionally(cause);
                    }

                    @Override
                    public void onCompleted() {
                        last.complete(latest);
                    }
                });
        return last;
    }
}
