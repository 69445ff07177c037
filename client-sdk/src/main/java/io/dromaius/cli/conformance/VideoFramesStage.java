package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.vision.VideoFrames;

/** {@code cases/inputs/video.json}: which frames of a video are read. */
final class VideoFramesStage implements Stage {
    private final GoldenSet set;

    VideoFramesStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "video frames";
    }

    @Override
    public void run(Tally tally) {
        JsonNode json = set.json("inputs/video.json");
        check("video", json.get("video"), tally);
        json.get("get_index").forEach(one -> check("get_index", one, tally));
    }

    private static void check(String name, JsonNode one, Tally tally) {
        int total = one.get("num_frames").asInt();
        int count = one.get("num_segments").asInt();
        tally.expect(1);
        tally.run(
                name + " " + count + " of " + total,
                findings -> findings.equal(
                        "frames",
                        Json.ints(one.get("index")).stream()
                                .mapToInt(Integer::intValue)
                                .toArray(),
                        VideoFrames.indices(total, count)));
    }
}
