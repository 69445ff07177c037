package io.dromaius.client;

import io.dromaius.proto.v1.ClusterServiceGrpc;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.GetClusterRequest;
import io.dromaius.proto.v1.GetClusterResponse;
import io.dromaius.proto.v1.MessageBytes;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A client of one cluster. Thread-safe and cheap to share; keep one for as long as the program talks to the cluster, and
 * close it then.
 *
 * <pre>{@code
 * try (EmuClient emu = EmuClient.builder().endpoint("localhost:7700").build()) {
 *     System.out.println(emu.caption(Path.of("dog.png")));
 *     emu.draw("a dog on a beach").save(Path.of("beach.png"));
 * }
 * }</pre>
 *
 * <p>Every call has a deadline, is tried again only where {@link RetryPolicy} says so, and fails with an {@link
 * EmuException}.
 */
public final class EmuClient implements AutoCloseable {
    private final Connection connection;
    private final Duration deadline;
    private final UnaryCalls unary;
    private final AtomicReference<@Nullable Boolean> instruct = new AtomicReference<>();

    EmuClient(Connection connection, Duration deadline) {
        this.connection = connection;
        this.deadline = deadline;
        this.unary = new UnaryCalls(connection);
    }

    public static EmuClientBuilder builder() {
        return new EmuClientBuilder();
    }

    /** Makes the whole answer and returns it. */
    public Generation generate(Prompt prompt, GenerationOptions options) {
        try (GenerationStream events = stream(prompt, options)) {
            return events.collect();
        }
    }

    /** Begins an answer; read its events as they come, and close the stream to cancel. */
    public GenerationStream stream(Prompt prompt, GenerationOptions options) {
        GenerationStream stream = new GenerationStream();
        publish(prompt, options).subscribe(stream.receiver());
        return stream;
    }

    /**
     * An answer as a reactive stream. Each subscription is a call of its own, begun when it subscribes; the cluster sends
     * no more than the subscriber requests, and cancelling the subscription cancels the call. The subscriber is called
     * on the transport's threads and must not block them.
     */
    public Flow.Publisher<GenerationEvent> publish(Prompt prompt, GenerationOptions options) {
        GenerateRequest.Builder request = options.request();
        prompt.writeTo(request);
        GenerateRequest message = request.build();
        return subscriber ->
                new GenerationCall(connection, message, options.deadline().orElse(deadline), subscriber).start();
    }

    /** Makes the whole answer without blocking. Cancelling the future cancels the call. */
    public CompletableFuture<Generation> generateAsync(Prompt prompt, GenerationOptions options) {
        GenerationFuture future = new GenerationFuture();
        publish(prompt, options).subscribe(future.receiver());
        return future;
    }

    /** Describes a picture in words. */
    public String caption(Path image) {
        return text(Recipes.caption(instruct(), Part.image(image)), Recipes.CAPTION);
    }

    /** Describes a picture in words. */
    public String caption(byte[] image) {
        return text(Recipes.caption(instruct(), Part.image(image)), Recipes.CAPTION);
    }

    /** Answers a question about a picture in a word or a phrase. */
    public String answer(Path image, String question) {
        return text(Recipes.answer(instruct(), Part.image(image), question), Recipes.ANSWER);
    }

    /** Answers a question about a picture in a word or a phrase. */
    public String answer(byte[] image, String question) {
        return text(Recipes.answer(instruct(), Part.image(image), question), Recipes.ANSWER);
    }

    /** Draws what {@code text} says. */
    public Picture draw(String text) {
        return draw(Prompt.of(text), GenerationOptions.image().build());
    }

    /** Draws a picture from a prompt of text and pictures. {@code options} begin with {@link GenerationOptions#image}. */
    public Picture draw(Prompt prompt, GenerationOptions options) {
        return generate(prompt, options).picture();
    }

    /** Ranks answers to a prompt by how likely the model finds them. */
    public Ranking rank(Prompt prompt, List<String> candidates) {
        return rank(prompt, candidates, 1);
    }

    /**
     * Ranks answers to a prompt.
     *
     * @param segments groups within which candidates are padded to the same length, as the reference's {@code predict}
     *     has it; this changes losses
     */
    public Ranking rank(Prompt prompt, List<String> candidates, int segments) {
        RankRequest.Builder request =
                RankRequest.newBuilder().addAllCandidates(candidates).setNSegments(segments);
        prompt.writeTo(request);
        RankRequest asked = request.build();
        RankResponse response = unary.call(
                (channel, remaining) -> GenerationServiceGrpc.newBlockingStub(channel)
                        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(MessageBytes.of(asked)))
                        .withDeadline(remaining)
                        .rank(asked),
                deadline);
        return new Ranking(
                candidates,
                response.getRanksList(),
                response.getLossesList(),
                EventReader.usage(response.getUsage()),
                EventReader.timings(response.getTimings()));
    }

    /** Members, placement and load of the cluster. */
    public GetClusterResponse cluster() {
        return unary.call(
                (channel, remaining) -> ClusterServiceGrpc.newBlockingStub(channel)
                        .withDeadline(remaining)
                        .getCluster(GetClusterRequest.getDefaultInstance()),
                deadline);
    }

    /** Cancels calls in flight, those too that wait for their next try, and closes the connections. */
    @Override
    public void close() {
        connection.endpoints().close();
    }

    private String text(Prompt prompt, GenerationOptions options) {
        return generate(prompt, options).text().strip();
    }

    /** A cluster serves one model for as long as it lives, so it is asked once. */
    private boolean instruct() {
        Boolean known = instruct.get();
        if (known == null) {
            known = cluster().getModel().getInstruct();
            instruct.set(known);
        }
        return known;
    }
}
