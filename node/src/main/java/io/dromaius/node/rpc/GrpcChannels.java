package io.dromaius.node.rpc;

import com.google.common.net.HostAndPort;
import io.dromaius.node.DataSize;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/** Channels to other processes of the cluster. */
public final class GrpcChannels {
    /** The largest message read, on any channel or server. */
    public static final DataSize MAX_MESSAGE = DataSize.ofMebibytes(64);

    /** So that a frame of 256 tokens does not wait for window updates. */
    static final int FLOW_CONTROL_WINDOW = 8 << 20;

    private GrpcChannels() {}

    /**
     * A channel to one process. Calls are never retried by gRPC, which would keep their messages for replay: a tensor
     * frame is freed once it is written. The caller shuts the channel down.
     *
     * @param endpoint {@code host:port}, as in a {@code Member}
     */
    public static ManagedChannel internal(String endpoint) {
        HostAndPort address = HostAndPort.fromString(endpoint);
        return NettyChannelBuilder.forAddress(address.getHost(), address.getPort())
                .usePlaintext()
                .disableRetry()
                .maxInboundMessageSize(Math.toIntExact(MAX_MESSAGE.bytes()))
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                // grpc raises a shorter one to 10 s. A peer that stands still is found by its silence long before.
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(2, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .build();
    }
}
