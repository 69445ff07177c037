package io.dromaius.coordinator.intake;

import static io.dromaius.coordinator.intake.UsersServer.AGES;
import static io.dromaius.coordinator.intake.UsersServer.BUDGET;
import static io.dromaius.coordinator.intake.UsersServer.LARGEST;
import static io.dromaius.coordinator.intake.UsersServer.LARGE_CALLS;
import static io.dromaius.coordinator.intake.UsersServer.MIB;
import static io.dromaius.coordinator.intake.UsersServer.PICTURE;
import static io.dromaius.coordinator.intake.UsersServer.SOON;
import static io.dromaius.coordinator.intake.UsersServer.WAITING_CALLS;
import static io.dromaius.coordinator.intake.UsersServer.picture;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerationServiceGrpc.GenerationServiceFutureStub;
import io.dromaius.proto.v1.MessageBytes;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is let in, who waits and who is refused when the messages are more than there is room for. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class RoomForMessagesTest {
    private static final RankRequest TEXT = RankRequest.newBuilder()
            .setPrompt(Prompt.newBuilder().addParts(Part.newBuilder().setText("word ".repeat(4_000))))
            .build();

    @Test
    void ofManyLargeMessagesAtOnceAFewAreHeldATextGetsInAndTheOthersAreToldToComeAgain() throws Exception {
        try (UsersServer server = new UsersServer(Duration.ofSeconds(2), AGES)) {
            List<ListenableFuture<RankResponse>> calls = server.sendPictures(24);
            HeldRanks.Served first = server.awaitFull();

            assertIsServed(server, TEXT);
            assertThat(first.answered)
                    .as("the room for large ones is taken still")
                    .isFalse();

            server.service.answerAll();
            int served = 0;
            for (ListenableFuture<RankResponse> call : calls) {
                StatusRuntimeException failure = failure(call);
                if (failure == null) {
                    served++;
                } else {
                    assertNoRoom(failure);
                }
            }
            assertThat(served).isGreaterThanOrEqualTo(LARGE_CALLS);
            assertThat(server.refused).hasValue(24 - served);
            assertThat(server.service.mostBytes).hasValueLessThanOrEqualTo(BUDGET);
            server.assertNothingIsHeldAfter(25);
        }
    }

    @Test
    void aCallThatWaitsIsServedOnceBytesBeforeItAreNeededNoLonger() throws Exception {
        try (UsersServer server = new UsersServer(AGES, AGES)) {
            List<ListenableFuture<RankResponse>> calls = server.sendPictures(LARGE_CALLS + 1);
            HeldRanks.Served first = server.awaitFull();

            first.release.accept(PICTURE.getSerializedSize());
            server.service.next();
            server.service.answerAll();

            assertAllServed(server, calls);
        }
    }

    @Test
    void whoHasWaitedMaySendWhatThereIsRoomForAndNoMore() throws Exception {
        try (UsersServer server = new UsersServer(SOON, AGES)) {
            server.occupy();

            assertIsServed(server, picture(MIB));
            assertNoRoom(failure(server.stub().rank(picture(4 * MIB))));

            server.service.answerAll();
            server.assertNothingIsHeldAfter(LARGE_CALLS + 2);
        }
    }

    @Test
    void whoSaysThatItsMessageIsSmallWaitsForNobody() throws Exception {
        try (UsersServer server = new UsersServer(AGES, AGES)) {
            server.occupy();
            server.sendPictures(1);

            assertIsServed(server.stubSaying(TEXT), server, TEXT);

            server.service.answerAll();
            server.assertNothingIsHeldAfter(LARGE_CALLS + 2);
        }
    }

    @Test
    void noMoreRoomIsSetApartThanACallerSaysItNeeds() throws Exception {
        try (UsersServer server = new UsersServer(AGES, AGES)) {
            RankRequest each = picture(MIB);
            List<ListenableFuture<RankResponse>> calls = new ArrayList<>();
            for (int call = 0; call < 4 * LARGE_CALLS; call++) {
                calls.add(server.stubSaying(each).rank(each));
                server.service.next();
            }

            server.service.answerAll();
            assertAllServed(server, calls);
        }
    }

    @Test
    void aMessageLongerThanItsCallerSaidIsRefusedByTheHeadersName() throws Exception {
        try (UsersServer server = new UsersServer(AGES, AGES)) {
            assertIsTheHeadersFault(failure(server.stubSaying(TEXT).rank(PICTURE)));

            Metadata wrong = new Metadata();
            wrong.put(Metadata.Key.of(MessageBytes.NAME, Metadata.ASCII_STRING_MARSHALLER), "many");
            assertIsTheHeadersFault(failure(server.stub()
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(wrong))
                    .rank(TEXT)));
            server.assertNothingIsHeldAfter(2);
        }
    }

    @Test
    void whoFindsNoPlaceToWaitIsToldAtOnce() throws Exception {
        try (UsersServer server = new UsersServer(AGES, AGES)) {
            int most = LARGE_CALLS + WAITING_CALLS;
            server.sendPictures(most);
            server.seen.awaitBegun(most);
            StatusRuntimeException failure = failure(server.stub().rank(TEXT));

            assertNoRoom(failure);
            assertThat(server.budget.load().bytes()).isLessThanOrEqualTo(BUDGET);
            server.stopClients();
            server.assertNothingIsHeldAfter(most + 1);
        }
    }

    @Test
    void whatIsCompressedIsNotTakenForSmall() throws Exception {
        try (UsersServer server = new UsersServer(SOON, AGES)) {
            RankRequest zeros = picture(LARGEST - 100);
            server.service.answerAll();
            assertThat(failure(server.stub().withCompression("gzip").rank(zeros)))
                    .isNull();
            server.assertNothingIsHeldAfter(1);

            server.service.hold();
            server.occupy();
            StatusRuntimeException failure =
                    failure(server.stub().withCompression("gzip").rank(zeros));

            assertNoRoom(failure);
        }
    }

    private static void assertAllServed(UsersServer server, List<ListenableFuture<RankResponse>> calls)
            throws Exception {
        for (ListenableFuture<RankResponse> call : calls) {
            assertThat(failure(call)).isNull();
        }
        server.assertNothingIsHeldAfter(calls.size());
    }

    private static void assertIsServed(UsersServer server, RankRequest request) throws Exception {
        assertIsServed(server.stub(), server, request);
    }

    private static void assertIsServed(GenerationServiceFutureStub stub, UsersServer server, RankRequest request)
            throws Exception {
        ListenableFuture<RankResponse> call = stub.rank(request);
        server.service.next().answer();
        assertThat(failure(call)).isNull();
    }

    private static void assertIsTheHeadersFault(@Nullable StatusRuntimeException failure) {
        assertThat(failure).isNotNull();
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(Failures.detail(failure, BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo(MessageBytes.NAME));
    }

    private static void assertNoRoom(@Nullable StatusRuntimeException failure) {
        assertThat(failure).isNotNull();
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.QUEUE_FULL);
        assertThat(Failures.detail(failure, RetryInfo.class)).isPresent();
    }

    private static @Nullable StatusRuntimeException failure(ListenableFuture<RankResponse> call) throws Exception {
        try {
            call.get(200, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return (StatusRuntimeException) e.getCause();
        }
    }
}
