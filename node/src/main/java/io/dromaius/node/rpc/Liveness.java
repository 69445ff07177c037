package io.dromaius.node.rpc;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;

/** The question to another process whether it is alive. */
public final class Liveness {
    private Liveness() {}

    /**
     * Asks; the answer is whether the process takes connections, since one that cannot say how it is, is alive. One that
     * is being stopped takes no more, though the calls on those that it has go on. There is no answer while the process
     * stands still, and no deadline, which a pause of this process could use up: who has waited long enough cancels the
     * question. It belongs to no call.
     */
    public static ListenableFuture<Boolean> ask(ManagedChannel channel) {
        Context previous = Context.ROOT.attach();
        try {
            ListenableFuture<Boolean> alive = Futures.transform(
                    HealthGrpc.newFutureStub(channel).check(HealthCheckRequest.getDefaultInstance()),
                    answer -> true,
                    MoreExecutors.directExecutor());
            return Futures.catching(
                    alive,
                    StatusRuntimeException.class,
                    failure -> failure.getStatus().getCode() != Status.Code.UNAVAILABLE,
                    MoreExecutors.directExecutor());
        } finally {
            Context.ROOT.detach(previous);
        }
    }
}
