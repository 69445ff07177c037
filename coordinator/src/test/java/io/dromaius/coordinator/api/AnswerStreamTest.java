package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.dromaius.coordinator.engine.FakeTicker;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.ImageChunk;
import io.dromaius.proto.v1.ImagePreview;
import io.dromaius.proto.v1.TextDelta;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AnswerStreamTest {
    private static final ByteString BYTES = ByteString.copyFrom(new byte[50]);

    private final FakeClient client = new FakeClient();
    private int stalls;
    private final FakeTicker clock = new FakeTicker();
    private final AnswerStream stream = new AnswerStream(client, 100, clock, () -> stalls++);

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
    void picturesThatFinishTogetherReachAClientThatReads() {
        for (int chunk = 0; chunk < 30; chunk++) {
            stream.send(chunk());
        }
        stream.send(text("and so on"));
        stream.complete();
        for (int chunk = 0; chunk < 30; chunk++) {
            clock.advance(UnreadEvents.PATIENCE.dividedBy(2));
            client.take(1);
        }
        assertThat(client.completed).isFalse();

        client.becomeReady();

        assertThat(stalls).isZero();
        assertThat(client.events).hasSize(31);
        assertThat(client.completed).isTrue();
    }

    @Test
    void aClientThatTakesNothingForAWhileIsCutOffByItsPicturesToo() {
        for (int chunk = 0; chunk < 10; chunk++) {
            stream.send(chunk());
        }
        clock.advance(UnreadEvents.PATIENCE.dividedBy(2));
        client.take(1);
        clock.advance(UnreadEvents.PATIENCE.dividedBy(2));
        stream.send(text("it took something"));
        assertThat(stalls).isZero();

        clock.advance(UnreadEvents.PATIENCE);
        stream.send(text("it took nothing"));

        assertThat(stalls).isEqualTo(1);
        assertThat(client.failure).isNotNull();
        assertThat(Failures.codeOf(client.failure)).contains(FailureCode.CLIENT_STALLED);
    }

    @Test
    void previewsAreForAClientThatKeepsUp() {
        for (int step = 0; step < 10; step++) {
            stream.send(preview());
        }
        client.becomeReady();
        stream.send(preview());
        stream.complete();

        assertThat(stalls).isZero();
        assertThat(client.events)
                .hasSize(1)
                .extracting(GenerateResponse::getNumber)
                .containsExactly(0L);
    }

    @Test
    void aFinishedAnswerThatNobodyReadsIsKeptNoLongerThanItsContextLasts() {
        Context.CancellableContext context = Context.current().withCancellation();
        context.run(() -> {
            AnswerStream inContext = new AnswerStream(client, 100, clock, () -> stalls++);
            inContext.send(text("a"));
            inContext.complete();
        });
        context.cancel(null);

        assertThat(client.failure).isNotNull();
        assertThat(Failures.codeOf(client.failure)).contains(FailureCode.CANCELLED);
        client.becomeReady();
        assertThat(client.events).isEmpty();
        assertThat(client.completed).isFalse();
    }

    @Test
    void anAnswerThatFinishesAfterItsContextIsNotKept() {
        Context.CancellableContext late = Context.current().withCancellation();
        late.cancel(null);
        late.run(() -> {
            AnswerStream inContext = new AnswerStream(client, 100, clock, () -> stalls++);
            inContext.send(text("a"));
            inContext.complete();
        });

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

    private static GenerateResponse.Builder chunk() {
        return GenerateResponse.newBuilder()
                .setImageChunk(ImageChunk.newBuilder().setData(BYTES));
    }

    private static GenerateResponse.Builder preview() {
        return GenerateResponse.newBuilder()
                .setImagePreview(ImagePreview.newBuilder().setPng(BYTES));
    }

    /** A client whose readiness the test decides. */
    private static final class FakeClient extends ServerCallStreamObserver<GenerateResponse> {
        final List<GenerateResponse> events = new ArrayList<>();
        private Runnable onReady = () -> {};
        boolean ready;
        boolean completed;
        private int takes = Integer.MAX_VALUE;

        @Nullable
        Throwable failure;

        void becomeReady() {
            take(Integer.MAX_VALUE);
        }

        /** Is ready for so many events. */
        void take(int count) {
            takes = count;
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
            takes--;
            ready = takes > 0;
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
