package io.dromaius.coordinator.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.wire.TensorFrame;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class EncodeAnswerTest {
    private final EncodeAnswer answer = new EncodeAnswer();

    @Test
    void theFrameIsTheCallers() throws Exception {
        TensorFrame<EncodeResponse> frame = frame();
        answer.onNext(frame);
        answer.onCompleted();
        assertThat(answer.get()).isSameAs(frame);
        assertThat(frame.isClosed()).isFalse();
        frame.close();
    }

    @Test
    void aFrameThatNobodyWaitsForIsClosed() {
        answer.cancel(false);
        TensorFrame<EncodeResponse> frame = frame();
        answer.onNext(frame);
        assertThat(frame.isClosed()).isTrue();
    }

    @Test
    void aSecondFrameIsClosed() {
        TensorFrame<EncodeResponse> first = frame();
        TensorFrame<EncodeResponse> second = frame();
        answer.onNext(first);
        answer.onNext(second);
        assertThat(second.isClosed()).isTrue();
        assertThat(first.isClosed()).isFalse();
        first.close();
    }

    @Test
    void aFailureIsTold() {
        StatusRuntimeException failure = Status.UNAVAILABLE.asRuntimeException();
        answer.onError(failure);
        assertThatThrownBy(answer::get).hasCause(failure);
    }

    @Test
    void anEndWithoutAnAnswerIsAFailure() {
        answer.onCompleted();
        assertThatThrownBy(answer::get).hasMessageContaining("without an answer");
    }

    private static TensorFrame<EncodeResponse> frame() {
        return TensorFrame.of(EncodeResponse.getDefaultInstance(), ByteBuffer.allocateDirect(4), () -> {});
    }
}
