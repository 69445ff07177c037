package io.dromaius.coordinator.api;

import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.OutputMode;

/** What may come out. At least one of the two. */
record OutputModes(boolean text, boolean image) {
    /** As the request says; text where it does not say. */
    static OutputModes of(GenerateRequest request) {
        boolean image = request.getOutputModesList().contains(OutputMode.OUTPUT_MODE_IMAGE);
        boolean text = request.getOutputModesList().contains(OutputMode.OUTPUT_MODE_TEXT);
        return new OutputModes(text || !image, image);
    }

    boolean both() {
        return text && image;
    }

    boolean imageAlone() {
        return image && !text;
    }
}
