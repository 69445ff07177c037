package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * A request as the engine sees it: tokenized, its pictures encoded.
 *
 * @param id unique among the engine's live requests; names it in cancellation and logs
 * @param prompt what is fed first, BOS included where the model wants it; not empty
 * @param deadlineNanos on the loop's ticker; the request fails when it passes, queued or running
 */
public record GenerationRequest(String id, List<InputRun> prompt, GenerationTask task, long deadlineNanos) {
    public GenerationRequest {
        prompt = List.copyOf(prompt);
        checkArgument(promptLength(prompt) > 0, "an empty prompt");
    }

    public int promptLength() {
        return promptLength(prompt);
    }

    private static int promptLength(List<InputRun> prompt) {
        int length = 0;
        for (InputRun run : prompt) {
            length += run.length();
        }
        return length;
    }
}
