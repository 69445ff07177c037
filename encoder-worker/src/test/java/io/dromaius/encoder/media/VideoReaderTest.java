package io.dromaius.encoder.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.vision.VideoFrames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoReaderTest {

    private final MediaReader reader = new MediaReader(MediaLimits.DEFAULT, VideoReaderTest::keep);

    @ParameterizedTest
    @CsvSource({"1, 8", "5, 8", "8, 8", "30, 8", "30, 1", "61, 16"})
    void readsTheReferencesFramesOfALosslessVideo(int total, int count) throws IOException, MediaException {
        List<ByteBuffer> frames = reader.video(ByteBuffer.wrap(TestVideo.lossless(total)), count, () -> false);
        assertThat(grays(frames)).isEqualTo(expected(total, count));
        assertThat(frames.get(0).remaining()).isEqualTo(3 * TestVideo.WIDTH * TestVideo.HEIGHT);
    }

    @Test
    void readsTheFramesOfAnMp4InTheOrderShown() throws IOException, MediaException {
        byte[] video = TestVideo.mp4(40);
        List<Integer> grays = grays(reader.video(ByteBuffer.wrap(video), 8, () -> false));
        List<Integer> expected = expected(40, 8);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(grays.get(i)).isCloseTo(expected.get(i), within(3));
        }
    }

    @Test
    void bytesThatAreNoVideoAreRefused() throws IOException {
        assertRefused(new byte[0], "is empty");
        assertRefused("no video at all".getBytes(StandardCharsets.UTF_8), "is no video");
        assertRefused(new byte[100_000], "is no video");
        assertRefused(TestVideo.mp4(0), "has no");
    }

    /** Such files make FFmpeg read other files and addresses, if it is let. */
    @Test
    void playlistsAreRefused() {
        assertRefused("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n".getBytes(StandardCharsets.UTF_8), "is no video");
        assertRefused("ffconcat version 1.0\nfile /etc/passwd\n".getBytes(StandardCharsets.UTF_8), "is no video");
    }

    @Test
    void videosOverALimitAreRefused() throws IOException {
        byte[] video = TestVideo.lossless(12);
        assertThatThrownBy(() -> read(new MediaLimits(video.length - 1, 1 << 20, 100, 8), video, 4))
                .hasMessageContaining("bytes");
        assertThatThrownBy(() -> read(new MediaLimits(1 << 20, 1000, 100, 8), video, 4))
                .hasMessageContaining("pixels");
        assertThatThrownBy(() -> read(new MediaLimits(1 << 20, 1 << 20, 11, 8), video, 4))
                .hasMessageContaining("frames");
        assertThatThrownBy(() -> read(new MediaLimits(1 << 20, 1 << 20, 100, 8), video, 9))
                .hasMessageContaining("frames");
    }

    @Test
    void damagedVideosAreReadOrRefusedButDoNoHarm() throws IOException {
        byte[] video = TestVideo.mp4(20);
        Random random = new Random(5);
        int refused = 0;
        for (int round = 0; round < 60; round++) {
            byte[] damaged = Arrays.copyOf(video, round % 3 == 0 ? random.nextInt(video.length) : video.length);
            for (int i = 0; i < 20 && damaged.length > 0; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(reader.video(ByteBuffer.wrap(damaged), 8, () -> false))
                        .hasSize(8);
            } catch (MediaException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void aCancelledReadEnds() throws IOException {
        byte[] video = TestVideo.lossless(20);
        assertThatThrownBy(() -> reader.video(ByteBuffer.wrap(video), 8, () -> true))
                .isInstanceOf(MediaException.class);
    }

    private void assertRefused(byte[] data, String message) {
        assertThatThrownBy(() -> reader.video(ByteBuffer.wrap(data), 8, () -> false))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining(message);
    }

    private static List<ByteBuffer> read(MediaLimits limits, byte[] video, int frames) throws MediaException {
        return new MediaReader(limits, VideoReaderTest::keep).video(ByteBuffer.wrap(video), frames, () -> false);
    }

    private static ByteBuffer keep(RgbImage picture) {
        return ByteBuffer.wrap(picture.samples());
    }

    private static List<Integer> expected(int total, int count) {
        return Arrays.stream(VideoFrames.indices(total, count))
                .mapToObj(TestVideo::gray)
                .toList();
    }

    private static List<Integer> grays(List<ByteBuffer> frames) {
        List<Integer> grays = new ArrayList<>();
        for (ByteBuffer frame : frames) {
            int middle = 3 * (TestVideo.HEIGHT / 2 * TestVideo.WIDTH + TestVideo.WIDTH / 2);
            grays.add(Byte.toUnsignedInt(frame.get(middle)));
        }
        return grays;
    }
}
