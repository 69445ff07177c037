package io.dromaius.client;

import com.google.protobuf.ByteString;
import io.dromaius.proto.v1.GenerateResponse;
import io.grpc.Status;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the messages of one call into events, puts PNG chunks together, and checks that nothing is missing. Not
 * thread-safe.
 */
final class EventReader {
    private final Map<Integer, ByteString> chunks = new HashMap<>();
    private long next;
    private boolean finished;

    boolean finished() {
        return finished;
    }

    /**
     * Returns the event that {@code message} completes, or null for a chunk.
     *
     * @throws EmuException if the stream has a gap
     */
    @Nullable
    GenerationEvent read(GenerateResponse message) {
        if (message.getNumber() != next || finished) {
            throw broken("event " + message.getNumber() + " arrived where " + next + " was due");
        }
        next++;
        return switch (message.getEventCase()) {
            case STARTED -> started(message.getStarted());
            case TEXT -> text(message.getText());
            case IMAGE_STARTED ->
                new GenerationEvent.ImageStarted(
                        message.getImageStarted().getImage(),
                        message.getImageStarted().getHeight(),
                        message.getImageStarted().getWidth(),
                        message.getImageStarted().getSteps());
            case IMAGE_PROGRESS ->
                new GenerationEvent.ImageProgress(
                        message.getImageProgress().getImage(),
                        message.getImageProgress().getStep(),
                        message.getImageProgress().getSteps());
            case IMAGE_PREVIEW ->
                new GenerationEvent.ImagePreview(
                        message.getImagePreview().getImage(),
                        message.getImagePreview().getStep(),
                        message.getImagePreview().getPng().toByteArray());
            case IMAGE_CHUNK -> chunk(message.getImageChunk());
            case IMAGE_DONE -> imageDone(message.getImageDone());
            case FINISHED -> finished(message.getFinished());
            // A newer cluster's event: this client can do nothing with it.
            case EVENT_NOT_SET -> null;
        };
    }

    static Usage usage(io.dromaius.proto.v1.Usage usage) {
        return new Usage(
                usage.getPromptTokens(),
                usage.getGeneratedTokens(),
                usage.getInputImages(),
                usage.getOutputImages(),
                usage.getCachedImages());
    }

    static Timings timings(io.dromaius.proto.v1.Timings timings) {
        return new Timings(
                millis(timings.getQueueMs()),
                millis(timings.getEncodeMs()),
                millis(timings.getPrefillMs()),
                millis(timings.getDecodeMs()),
                millis(timings.getDiffusionMs()),
                millis(timings.getTotalMs()),
                millis(timings.getTtftMs()));
    }

    private static GenerationEvent started(io.dromaius.proto.v1.Started started) {
        return new GenerationEvent.Started(
                started.getRequestId(), started.getPromptTokens(), started.getSeed(), started.getImageSeed());
    }

    private static GenerationEvent text(io.dromaius.proto.v1.TextDelta delta) {
        List<TokenLogprob> logprobs = delta.getLogprobsList().stream()
                .map(token -> new TokenLogprob(
                        token.getTokenId(),
                        token.getLogprob(),
                        token.getAlternativesList().stream()
                                .map(other -> new TokenLogprob.Alternative(other.getTokenId(), other.getLogprob()))
                                .toList()))
                .toList();
        return new GenerationEvent.TextDelta(delta.getCandidate(), delta.getText(), delta.getTokenIdsList(), logprobs);
    }

    private @Nullable GenerationEvent chunk(io.dromaius.proto.v1.ImageChunk chunk) {
        ByteString sofar = chunks.getOrDefault(chunk.getImage(), ByteString.EMPTY);
        if (chunk.getOffset() != sofar.size()) {
            throw broken("a chunk of picture " + chunk.getImage() + " begins at byte " + chunk.getOffset() + " where "
                    + sofar.size() + " was due");
        }
        chunks.put(chunk.getImage(), sofar.concat(chunk.getData()));
        return null;
    }

    private GenerationEvent imageDone(io.dromaius.proto.v1.ImageDone done) {
        ByteString sofar = chunks.remove(done.getImage());
        ByteString png = sofar == null ? ByteString.EMPTY : sofar;
        if (png.size() != done.getPngBytes()) {
            throw broken("picture " + done.getImage() + " has " + png.size() + " bytes of " + done.getPngBytes());
        }
        return new GenerationEvent.ImageDone(new Picture(
                done.getImage(),
                png.toByteArray(),
                done.getFlagged(),
                done.getSeed(),
                floats(done.getEmbeddings()),
                floats(done.getUnconditionalEmbeddings())));
    }

    private GenerationEvent finished(io.dromaius.proto.v1.Finished message) {
        finished = true;
        List<Candidate> candidates = message.getCandidatesList().stream()
                .map(candidate -> new Candidate(
                        candidate.getCandidate(),
                        reason(candidate.getReason()),
                        candidate.getText(),
                        candidate.getTokenIdsList(),
                        candidate.getSequenceScore()))
                .toList();
        return new GenerationEvent.Finished(candidates, usage(message.getUsage()), timings(message.getTimings()));
    }

    private static FinishReason reason(io.dromaius.proto.v1.FinishReason reason) {
        return switch (reason) {
            case FINISH_REASON_END -> FinishReason.END;
            case FINISH_REASON_STOP -> FinishReason.STOP;
            case FINISH_REASON_LENGTH -> FinishReason.LENGTH;
            case FINISH_REASON_IMAGE -> FinishReason.IMAGE;
            case FINISH_REASON_UNSPECIFIED, UNRECOGNIZED -> FinishReason.OTHER;
        };
    }

    private static float[] floats(ByteString bytes) {
        FloatBuffer buffer =
                bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static Duration millis(double value) {
        return Duration.ofNanos(Math.round(value * 1e6));
    }

    private static EmuException broken(String what) {
        return FailureDetails.of(Status.Code.DATA_LOSS, "the answer is incomplete: " + what)
                .toException(null);
    }
}
