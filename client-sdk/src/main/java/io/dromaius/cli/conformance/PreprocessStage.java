package io.dromaius.cli.conformance;

import io.dromaius.model.vision.ImagePreprocessor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code cases/preprocess}: each tensor is {@code <picture>.<what>}, whole or some rows of it. Of the reference's two ways to
 * the same pixels the second differs in the last bit of a float.
 */
final class PreprocessStage implements Stage {
    private static final Pattern NAME = Pattern.compile(
            "(?<picture>.+)\\.(?<what>process_img|pipeline_transform|resized_u8)(?:_rows_(?<rows>[0-9_]+))?");

    private final GoldenSet set;

    PreprocessStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "preprocess";
    }

    @Override
    public void run(Tally tally) {
        int side = Checkpoint.open(set.checkpoint(Model.PRETRAIN)).spec().vit().imageSize();
        set.tensors("preprocess/preprocess.safetensors").forEach((name, expected) -> {
            tally.expect(1);
            Matcher parsed = NAME.matcher(name);
            if (!parsed.matches()) {
                tally.notRun(name, "nothing is known of such a tensor");
                return;
            }
            tally.run(name, findings -> check(parsed, expected, side, findings));
        });
    }

    private void check(Matcher name, GoldenTensor expected, int side, Findings findings) throws IOException {
        String picture = name.group("picture");
        if (name.group("what").equals("resized_u8")) {
            RgbImage resized = new ImagePreprocessor(side).resize(new Inputs(set).picture(picture));
            int[] bytes = new int[resized.samples().length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = resized.samples()[i] & 0xff;
            }
            findings.equal("bytes", expected.ints(), bytes);
            return;
        }
        float[] pixels = new Inputs(set).pixels(picture, side);
        String rows = name.group("rows");
        findings.close(
                "pixels",
                expected.floats(),
                rows == null ? pixels : rows(pixels, side, Arrays.asList(rows.split("_", -1))),
                Tolerances.PIXELS);
    }

    /** Rows of each channel of [3, side, side]. */
    private static float[] rows(float[] pixels, int side, List<String> rows) {
        float[] picked = new float[3 * rows.size() * side];
        for (int channel = 0; channel < 3; channel++) {
            for (int i = 0; i < rows.size(); i++) {
                int row = Integer.parseInt(rows.get(i));
                System.arraycopy(
                        pixels, (channel * side + row) * side, picked, (channel * rows.size() + i) * side, side);
            }
        }
        return picked;
    }
}
