package io.dromaius.coordinator.engine;

import static io.dromaius.coordinator.kv.BlockTable.blocksFor;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import io.dromaius.coordinator.engine.Failure.Reason;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Whether a pipeline's KV blocks hold a request that has them to itself; if they do not, what of it is too much. */
final class KvRoom {
    private final EngineConfig config;
    private final EngineModel model;

    KvRoom(EngineConfig config, EngineModel model) {
        this.config = config;
        this.model = model;
    }

    /** The first that is too much of the prompt, the length of an answer and the number of answers; empty if all fits. */
    Optional<Failure> refusal(GenerationRequest request) {
        int prompt = request.promptLength();
        if (leastBlocks(prompt, request.task()) > config.blocks()) {
            int shorter = most(prompt, length -> leastBlocks(length, request.task()));
            return refusal(
                    Reason.PROMPT_EXCEEDS_KV,
                    shorter,
                    "at most %d positions of a prompt fit the pipeline's KV cache before the shortest answer, not %d",
                    shorter,
                    prompt);
        }
        if (request.task() instanceof GenerationTask.Generate generate) {
            return refusal(prompt, generate);
        }
        return request.task() instanceof GenerationTask.Score score ? refusal(prompt, score) : Optional.empty();
    }

    private Optional<Failure> refusal(int prompt, GenerationTask.Generate task) {
        int answers = task.text().sequences();
        int tokens = Math.min(task.text().maxTokens(), model.contextLength() - prompt);
        if (blocks(prompt, task, tokens, answers) <= config.blocks()) {
            return Optional.empty();
        }
        int fewer = most(answers, count -> blocks(prompt, task, tokens, count));
        if (fewer > 0) {
            return refusal(
                    Reason.ANSWERS_EXCEED_KV,
                    fewer,
                    "at most %d %s of %d tokens fit the pipeline's KV cache behind this prompt, not %d",
                    fewer,
                    task.text().numBeams() > 1 ? "beams" : "answers",
                    tokens,
                    answers);
        }
        int ofAll = most(tokens, length -> blocks(prompt, task, length, answers));
        int fitting = ofAll > 0 ? ofAll : most(tokens, length -> blocks(prompt, task, length, 1));
        return refusal(
                Reason.ANSWER_EXCEEDS_KV,
                fitting,
                "at most %d tokens%s fit the pipeline's KV cache behind this prompt, not %d",
                fitting,
                answers == 1 ? "" : ofAll > 0 ? " of each of " + answers + " answers" : " of one answer",
                task.text().maxTokens());
    }

    private Optional<Failure> refusal(int prompt, GenerationTask.Score task) {
        int longest = task.longest();
        int fitting = most(longest, length -> blocksToScore(prompt, length));
        return fitting == longest
                ? Optional.empty()
                : refusal(
                        Reason.ANSWER_EXCEEDS_KV,
                        fitting,
                        "candidates of at most %d tokens fit the pipeline's KV cache behind this prompt, not of %d",
                        fitting,
                        longest);
    }

    @FormatMethod
    private static Optional<Failure> refusal(
            Reason reason, int limit, @FormatString String message, Object... numbers) {
        return Optional.of(new Failure(reason, message.formatted(numbers), OptionalInt.of(limit)));
    }

    /** The largest number up to {@code limit} for which the blocks suffice; 0 if there is none. */
    private int most(int limit, IntUnaryOperator blocks) {
        return IntStream.rangeClosed(1, limit)
                .filter(number -> blocks.applyAsInt(number) <= config.blocks())
                .max()
                .orElse(0);
    }

    private int leastBlocks(int prompt, GenerationTask task) {
        if (task instanceof GenerationTask.Generate generate) {
            return blocks(prompt, generate, 1, 1);
        }
        return task instanceof GenerationTask.Score
                ? blocksToScore(prompt, 1)
                : blocksFor(prompt + model.visualTokens() - 1, config.blockSize());
    }

    /** Each answer has all blocks of its own but those that the prompt fills. */
    private int blocks(int prompt, GenerationTask.Generate task, int tokens, int answers) {
        int shared = prompt / config.blockSize();
        int perToken = task.pictures() ? model.visualTokens() + 2 : 1;
        int last = (int) Math.min(model.contextLength(), prompt + (long) tokens * perToken);
        // The last token is not fed.
        int own = blocksFor(Math.max(prompt, last - 1), config.blockSize()) - shared;
        return shared + answers * own;
    }

    /** Candidates may run one after the other, each beside the prompt. */
    private int blocksToScore(int prompt, int candidate) {
        int shared = prompt / config.blockSize();
        int promptsOwn = blocksFor(prompt, config.blockSize()) - shared;
        return promptsOwn + blocksFor(prompt + candidate - 1, config.blockSize());
    }
}
