package io.dromaius.cli.cluster;

import com.google.common.net.HostAndPort;
import io.dromaius.proto.v1.ClusterServiceGrpc;
import io.dromaius.proto.v1.GetClusterRequest;
import io.dromaius.proto.v1.PipelineInfo;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks a coordinator whether its shards fail to load for a reason that waiting does not mend. */
final class LoadProbe implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 1000;

    private final ManagedChannel channel;

    /** @param endpoint of a coordinator, which need not be there yet */
    LoadProbe(String endpoint) {
        HostAndPort address = HostAndPort.fromString(endpoint);
        this.channel = NettyChannelBuilder.forAddress(address.getHost(), address.getPort())
                .usePlaintext()
                .build();
    }

    /** What is wrong, in the shard's words; empty while nothing is, or nobody can say. Waits a second at most. */
    Optional<String> failure() {
        try {
            return ClusterServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .getCluster(GetClusterRequest.getDefaultInstance())
                    .getPipelinesList()
                    .stream()
                    .filter(PipelineInfo::getUnloadable)
                    .map(PipelineInfo::getDetail)
                    .findFirst();
        } catch (StatusRuntimeException e) {
            channel.resetConnectBackoff(); // grows to minutes otherwise
            return Optional.empty(); // it starts, and ReadinessProbe tells when it does not
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
