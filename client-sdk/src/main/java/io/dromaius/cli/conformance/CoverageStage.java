package io.dromaius.cli.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Every file of {@code cases/} is one that some stage reads: a set with more in it than is checked must not pass. */
final class CoverageStage implements Stage {
    private final GoldenSet set;

    CoverageStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "files of the set";
    }

    @Override
    public void run(Tally tally) throws IOException {
        Set<String> known = known();
        for (String file : present()) {
            tally.expect(1);
            if (known.contains(file) || file.startsWith("inputs/")) {
                tally.run(file, findings -> {});
            } else {
                tally.notRun(file, "no stage reads it");
            }
        }
    }

    private Set<String> known() {
        Set<String> known = new HashSet<>(List.of(
                "tokenizer/cases.json",
                "tokenizer/short_answer.json",
                "preprocess/preprocess.json",
                "preprocess/preprocess.safetensors",
                "vision/vision.json",
                "vision/vision.safetensors",
                "llm/llm.json",
                "generate/generate.json",
                "generate/logits_processors.json",
                "predict/predict.json",
                "generate_image/generate_image.json",
                "generate_image/embeds.safetensors",
                "diffusion/diffusion.json"));
        set.json("llm/llm.json").fieldNames().forEachRemaining(model -> known.add("llm/llm_" + model + ".safetensors"));
        set.json("diffusion/diffusion.json").get("cases").fieldNames().forEachRemaining(run -> {
            known.add("diffusion/" + run + ".safetensors");
            known.add("diffusion/" + run + "_before_safety.png");
        });
        return known;
    }

    private Set<String> present() throws IOException {
        Path cases = set.file("");
        try (Stream<Path> files = Files.walk(cases)) {
            Set<String> present = new TreeSet<>();
            files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .forEach(file -> present.add(cases.relativize(file).toString()));
            return present;
        }
    }
}
