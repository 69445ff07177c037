package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.TextDelta;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AnswerStreamTest {
    private final FakeClient client = new FakeClient();
    private int stalls;
    private final AnswerStream stream = new AnswerStream(client, 100, () -> stalls++);

    @Test
    void eventsAreNumberedFromZeroWithoutGaps() {
        client.ready = true;
        assertThat(stream.begun()).isFalse();
        stream.send(text("a"));
        stream.send(text("b"));
        stream.complete();

        assertThat(client.events).extracting(GenerateResponse::getNumber).containsExactly(0L, 1L);
        assertThat(client.completed).isTrue();
        assertThat(stream.begun()).isTrue();
    }

    @Test
    void whatAClientIsNotReadyForWaitsAndThenComesInOrder() {
        stream.send(text("a"));
        stream.send(text("b"));
        stream.complete();
        assertThat(client.events).isEmpty();
        assertThat(client.completed).isFalse();

        client.becomeReady();

        assertThat(client.events).extracting(event -> event.getText().getText()).containsExactly("a", "b");
        assertThat(client.completed).isTrue();
    }

    @Test
    void aClientThatDoesNotReadIsCutOffAtTheBound() {
        for (int i = 0; i < 10; i++) {
            stream.send(text("twenty characters..."));
        }

        assertThat(stalls).isEqualTo(1);
        assertThat(client.failure).isNotNull();
        assertThat(Failures.codeOf(client.failure)).contains(FailureCode.CLIENT_STALLED);
        client.becomeReady();
        assertThat(client.events).isEmpty();
    }

    @Test
    void nothingFollowsAFailure() {
        client.ready = true;
        stream.send(text("a"));
        stream.fail(Failures.of(FailureCode.ANSWER_LOST, "gone").build());
        stream.send(text("b"));
        stream.complete();

        assertThat(client.events).hasSize(1);
        assertThat(client.completed).isFalse();
    }

    private static GenerateResponse.Builder text(String text) {
        return GenerateResponse.newBuilder().setText(TextDelta.newBuilder().setText(text));
    }

    /** A client whose readiness the test decides. */
    private static final class FakeClient extends ServerCallStreamObserver<GenerateResponse> {
        final List<GenerateResponse> events = new ArrayList<>();
        private Runnable onReady = () -> {};
        boolean ready;
        boolean completed;

        @Nullable
        Throwable failure;

        void becomeReady() {
            ready = true;
            onReady.run();
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void onNext(GenerateResponse event) {
            assertThat(completed || failure != null).isFalse();
            events.add(event);
        }

        @Override
        public void onError(Throwable cause) {
            failure = cause;
        }

        @Override
        public void onCompleted() {
            completed = true;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }
}
