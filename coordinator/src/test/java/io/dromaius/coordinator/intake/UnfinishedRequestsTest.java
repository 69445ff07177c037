package io.dromaius.coordinator.intake;

import static io.dromaius.coordinator.intake.UsersServer.AGES;
import static io.dromaius.coordinator.intake.UsersServer.LARGE_CALLS;
import static io.dromaius.coordinator.intake.UsersServer.PICTURE;
import static io.dromaius.coordinator.intake.UsersServer.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that do not send what they began, or go away: what is set apart for them is free again. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class UnfinishedRequestsTest {
    /** For a unary call the client would send nothing at all before the message. */
    private static final MethodDescriptor<RankRequest, RankResponse> OPEN_ENDED =
            GenerationServiceGrpc.getRankMethod().toBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .build();

    @Test
    void aClientThatSendsNothingIsGivenUp() throws Exception {
        try (UsersServer server = new UsersServer(AGES, SOON)) {
            Ended end = new Ended();
            ClientCall<RankRequest, RankResponse> silent = open(server, end);

            assertGivenUp(server, end);
            silent.cancel("it has ended", null);
        }
    }

    @Test
    void aClientThatNeverEndsItsRequestIsGivenUp() throws Exception {
        try (UsersServer server = new UsersServer(AGES, SOON)) {
            Ended end = new Ended();
            ClientCall<RankRequest, RankResponse> half = open(server, end);
            half.sendMessage(PICTURE);

            assertGivenUp(server, end);
            assertThat(server.service.calls).isEmpty();
            half.cancel("it has ended", null);
        }
    }

    @Test
    void aRequestWithoutAMessageIsTheClientsError() throws Exception {
        try (UsersServer server = new UsersServer(AGES, AGES)) {
            Ended end = new Ended();
            open(server, end).halfClose();

            StatusRuntimeException failure = end.failure.get(60, TimeUnit.SECONDS);
            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(Failures.detail(failure, BadRequest.class))
                    .hasValueSatisfying(bad ->
                            assertThat(bad.getFieldViolations(0).getField()).isEqualTo("request"));
            server.assertNothingIsHeldAfter(1);
        }
    }

    @Test
    void clientsThatGoLeaveNothingBehindWhereverTheirCallsAre() throws Exception {
        try (UsersServer server = new UsersServer(AGES, AGES)) {
            int calls = LARGE_CALLS + 2;
            server.occupy();
            server.sendPictures(1);
            open(server, new Ended());
            server.seen.awaitBegun(calls);
            server.stopClients();

            server.assertNothingIsHeldAfter(calls);
        }
    }

    private static void assertGivenUp(UsersServer server, Ended end) throws Exception {
        StatusRuntimeException failure = end.failure.get(60, TimeUnit.SECONDS);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.DEADLINE);
        server.assertNothingIsHeldAfter(1);
    }

    /** A call that has sent nothing. */
    private static ClientCall<RankRequest, RankResponse> open(UsersServer server, Ended end) {
        ClientCall<RankRequest, RankResponse> call = server.channel.newCall(OPEN_ENDED, CallOptions.DEFAULT);
        call.start(end, new Metadata());
        call.request(1);
        return call;
    }

    /** How a call ended for its client. */
    private static final class Ended extends ClientCall.Listener<RankResponse> {
        final CompletableFuture<StatusRuntimeException> failure = new CompletableFuture<>();

        @Override
        public void onClose(Status status, Metadata trailers) {
            failure.complete(status.asRuntimeException(trailers));
        }
    }
}
