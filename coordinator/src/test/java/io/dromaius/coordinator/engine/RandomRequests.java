package io.dromaius.coordinator.engine;

import com.google.common.primitives.ImmutableIntArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws requests of every kind. */
final class RandomRequests {
    private final Random random;

    RandomRequests(long seed) {
        random = new Random(seed);
    }

    List<InputRun> prompt(int longest) {
        List<InputRun> runs = new ArrayList<>();
        runs.add(InputRun.Ids.of(ToyModel.BOS));
        for (int left = 1 + random.nextInt(longest); left > 0; ) {
            int length = 1 + random.nextInt(left);
            runs.add(random.nextInt(3) > 0 ? ids(length) : vectors(length));
            left -= length;
        }
        return runs;
    }

    GenerationTask task() {
        return switch (random.nextInt(8)) {
            case 0 -> new GenerationTask.Draw();
            case 1 -> new GenerationTask.Score(candidates());
            case 2 -> new GenerationTask.Generate(sampled().build(), true);
            case 3, 4 -> new GenerationTask.Generate(beams().build(), false);
            case 5 ->
                new GenerationTask.Generate(sampled().n(1 + random.nextInt(4)).build(), false);
            default ->
                new GenerationTask.Generate(
                        penalties(builder()).stop(List.of("xd", "q")).build(), false);
        };
    }

    private TextOptions.Builder sampled() {
        return penalties(builder()).sample(0.5f + random.nextFloat(), random.nextInt(10), 1, random.nextLong());
    }

    private TextOptions.Builder beams() {
        TextOptions.Builder beams = penalties(builder()).beams(2 + random.nextInt(4), random.nextInt(4) - 1);
        return random.nextInt(3) > 0
                ? beams.n(2)
                : beams.choices(List.of(choice(3, 4), choice(3, 5, 6), choice(7), choice(8, 9, 10)));
    }

    private TextOptions.Builder penalties(TextOptions.Builder options) {
        if (random.nextBoolean()) {
            options.repetition(1.3f, random.nextInt(3));
        }
        return options.minTokens(random.nextInt(4)).logprobs(random.nextInt(3) - 1);
    }

    private TextOptions.Builder builder() {
        return TextOptions.builder(1 + random.nextInt(20));
    }

    private List<ImmutableIntArray> candidates() {
        List<ImmutableIntArray> candidates = new ArrayList<>();
        for (int i = 1 + random.nextInt(12); i > 0; i--) {
            candidates.add(ids(1 + random.nextInt(9)).ids());
        }
        return candidates;
    }

    private static ImmutableIntArray choice(int... ids) {
        return ImmutableIntArray.builder()
                .addAll(ImmutableIntArray.copyOf(ids))
                .add(ToyModel.EOS)
                .build();
    }

    private InputRun.Ids ids(int length) {
        return InputRun.Ids.of(random.ints(length, 3, ToyModel.VOCABULARY).toArray());
    }

    private InputRun vectors(int length) {
        ByteBuffer rows = ByteBuffer.allocate(8 * length);
        random.longs(length).forEach(rows::putLong);
        return new InputRun.Vectors(rows.flip(), length);
    }
}
