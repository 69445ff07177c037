package io.dromaius.model.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import org.junit.jupiter.api.Test;

class VideoFramesTest {
    @Test
    void picksTheFramesTheReferencePicks() {
        JsonNode cases = Golden.json("cases/inputs/video.json").required("get_index");

        assertThat(cases).isNotEmpty();
        for (JsonNode one : cases) {
            int[] indices = VideoFrames.indices(
                    one.required("num_frames").asInt(),
                    one.required("num_segments").asInt());
            assertThat(indices).as("%s", one).containsExactly(Golden.ints(one.required("index")));
        }
    }

    @Test
    void roundsHalfToEven() {
        assertThat(VideoFrames.indices(11, 4)).containsExactly(1, 3, 6, 9); // offsets 0, 2.5, 5, 7.5
    }

    @Test
    void repeatsFramesOfAShortVideo() {
        assertThat(VideoFrames.indices(1, 3)).containsExactly(0, 0, 0);
    }

    @Test
    void refusesAVideoWithoutFrames() {
        assertThatThrownBy(() -> VideoFrames.indices(0, 8)).hasMessageContaining("8 frames of a video with 0");
    }
}
