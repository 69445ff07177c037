package io.dromaius.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.dromaius.proto.internal.v1.ExecuteRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of a frame's bytes when its call ends while they are wanted. */
class FrameOutputTest {
    private static final int PAYLOAD = 300_000;

    private final AtomicInteger releases = new AtomicInteger();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(PAYLOAD);
    private final TensorFrame<ExecuteRequest> frame = frame();
    private final FrameOutput output = new FrameOutput(frame);

    @Test
    void aFrameThatIsClosedWhileItIsDrainedIsFreedAfterwards() throws IOException {
        byte[] whole = payload();
        ByteArrayOutputStream target = new ByteArrayOutputStream() {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                closeOnAnotherThread();
                assertThat(releases).hasValue(0);
                super.write(bytes, offset, length);
            }
        };

        int written = output.drainTo(target);

        assertThat(releases).hasValue(1);
        assertThat(target.size()).isEqualTo(written);
        assertThat(ExecuteRequest.parseFrom(target.toByteArray()).getPayload().toByteArray())
                .isEqualTo(whole);
    }

    @Test
    void aFrameThatIsClosedBeforeItIsDrainedYieldsNoBytes() {
        frame.close();
        ByteArrayOutputStream target = new ByteArrayOutputStream();

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> output.drainTo(target));

        assertThat(target.size()).isZero();
        assertThat(releases).hasValue(1);
    }

    @Test
    void aFrameThatIsClosedWhileItIsReadYieldsNoMoreOfItsPayload() throws IOException {
        byte[] target = new byte[PAYLOAD];
        int head = output.read(target, 0, PAYLOAD);
        assertThat(output.read(target, head, 1000)).isEqualTo(1000);

        closeOnAnotherThread();

        assertThat(releases).hasValue(1);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> output.read(target, 0, 1));
        assertThatExceptionOfType(IOException.class).isThrownBy(output::read);
    }

    @Test
    void aTargetThatFailsLeavesTheFrameClosed() {
        ByteArrayOutputStream full = new ByteArrayOutputStream() {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                throw new IllegalStateException("no room");
            }
        };

        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> output.drainTo(full));

        assertThat(releases).hasValue(1);
    }

    @Test
    void bytesAreCountedWithoutThePayload() throws IOException {
        int all = output.available();
        try (InputStream reading = output) {
            assertThat(reading.readNBytes(all - 10)).hasSize(all - 10);
        }

        assertThat(releases).hasValue(1);
        assertThat(output.available()).isEqualTo(10);
    }

    private byte[] payload() {
        byte[] bytes = new byte[PAYLOAD];
        frame.payload().get(bytes);
        return bytes;
    }

    private void closeOnAnotherThread() {
        CompletableFuture.runAsync(frame::close).orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** A frame whose memory is overwritten when it is freed, as memory is that somebody else gets next. */
    private TensorFrame<ExecuteRequest> frame() {
        byte[] random = new byte[PAYLOAD];
        new Random(1).nextBytes(random);
        memory.duplicate().put(random);
        ExecuteRequest header = ExecuteRequest.newBuilder().setStep(3).build();
        return TensorFrame.of(header, memory.duplicate(), () -> {
            releases.incrementAndGet();
            memory.duplicate().put(new byte[PAYLOAD]);
        });
    }
}
