package io.dromaius.node.rpc;

import io.dromaius.node.DataSize;
import io.dromaius.node.NodeConfig;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Servers as this cluster runs them. */
public final class GrpcServers {
    /** What users' servers buffer of a call's message before the call asks for it; of one that it asks for, at a time. */
    public static final DataSize OPEN_WINDOW = new DataSize(256 << 10);

    private static final int CHANNELZ_PAGE = 100;

    private GrpcServers() {}

    /** A server for other processes of the cluster, on the node's host and port. */
    public static GrpcServer.Builder internal(NodeConfig config) {
        NettyServerBuilder netty = base(config.listenHost(), config.port())
                .flowControlWindow(GrpcChannels.FLOW_CONTROL_WINDOW)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                // Finds a frozen or vanished peer whose connection the kernel keeps up.
                .keepAliveTime(1, TimeUnit.SECONDS)
                .keepAliveTimeout(2, TimeUnit.SECONDS);
        return withStandardServices(netty, config);
    }

    /** A server for users, on a port of its own. */
    public static GrpcServer.Builder open(NodeConfig config, int port) {
        NettyServerBuilder netty = base(config.listenHost(), port)
                .flowControlWindow(Math.toIntExact(OPEN_WINDOW.bytes()))
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTime(30, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS);
        return withStandardServices(netty, config);
    }

    private static NettyServerBuilder base(String host, int port) {
        return NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
                .maxInboundMessageSize(Math.toIntExact(GrpcChannels.MAX_MESSAGE.bytes()))
                .permitKeepAliveWithoutCalls(true);
    }

    private static GrpcServer.Builder withStandardServices(NettyServerBuilder netty, NodeConfig config) {
        HealthStatusManager health = new HealthStatusManager();
        List.of(
                        health.getHealthService(),
                        ProtoReflectionServiceV1.newInstance(),
                        ChannelzService.newInstance(CHANNELZ_PAGE))
                .forEach(service -> netty.addService(GrpcServer.Builder.served(service.bindService())));
        return new GrpcServer.Builder(netty, health, config);
    }
}
