package io.dromaius.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.MoreExecutors;
import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.torch.Dtype;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.dromaius.wire.TensorFrame;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** On the test's own thread, which stands for the one that talks to clients. */
class DrawCallTest {
    private static final DrawSpec TWO_STEPS = new DrawSpec(2, 1, 64, 64);

    private final Client client = new Client();
    private final DrawCall call = new DrawCall(
            TensorFrame.of(DrawRequest.getDefaultInstance()),
            TWO_STEPS,
            Dtype.FP32,
            client,
            MoreExecutors.directExecutor(),
            Ticker.systemTicker());

    @Test
    void aClientHearsAtOnceOfAnEventThatCannotBeMade() {
        client.broken = new IllegalStateException("expected by this test");
        call.stepped(1);
        assertThat(client.failures).containsExactly(client.broken);
    }

    @Test
    void anErrorIsToldToTheClientAndEndsTheThread() {
        OutOfMemoryError error = new OutOfMemoryError("expected by this test");
        client.broken = error;
        assertThatThrownBy(() -> call.stepped(1)).isSameAs(error);
        assertThat(client.failures).containsExactly(error);
    }

    @Test
    void afterThatItIsNotDrawnFurtherAndToldNothing() {
        assertThat(call.isCancelled()).isFalse();
        client.broken = new IllegalStateException("expected by this test");
        call.stepped(1);
        client.broken = null;
        call.stepped(2);
        call.failed(new IllegalStateException("of what came later"));

        assertThat(call.isCancelled()).isTrue();
        assertThat(client.steps).isEmpty();
        assertThat(client.failures).hasSize(1);
    }

    /** The other end of the call. */
    private static final class Client extends ServerCallStreamObserver<DrawResponse> {
        final List<Integer> steps = new ArrayList<>();
        final List<Throwable> failures = new ArrayList<>();
        /** Thrown by every event. */
        @Nullable
        Throwable broken;

        @Override
        public void onNext(DrawResponse response) {
            if (broken instanceof Error error) {
                throw error;
            }
            if (broken instanceof RuntimeException failure) {
                throw failure;
            }
            steps.add(response.getProgress().getStep());
        }

        @Override
        public void onError(Throwable cause) {
            failures.add(cause);
        }

        @Override
        public void onCompleted() {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}
    }
}
