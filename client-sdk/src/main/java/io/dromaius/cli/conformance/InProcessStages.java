package io.dromaius.cli.conformance;

import java.util.List;

/** The stages that need no cluster, in the order in which a request passes them. */
final class InProcessStages {
    private InProcessStages() {}

    static List<Stage> of(GoldenSet set) {
        return List.of(
                new CoverageStage(set),
                new TokenizerStage(set),
                new ShortAnswerStage(set),
                new PreprocessStage(set),
                new VideoFramesStage(set),
                new VisionStage(set),
                new LlmStage(set),
                new ProcessorsStage(set),
                new PredictStage(set),
                new SchedulerStage(set),
                new DiffusionStage(set),
                new SafetyStage(set));
    }
}
