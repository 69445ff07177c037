package io.dromaius.cli.cluster;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** Asks a process whether it is ready: by grpc.health.v1, or, of ZooKeeper, whether it takes connections. */
final class ReadinessProbe implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 1000;

    private final ProcessPlan plan;
    private final ManagedChannel channel;

    ReadinessProbe(ProcessPlan plan) {
        this.plan = plan;
        this.channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), plan.port()))
                .usePlaintext()
                .build();
    }

    /** Waits a second at most. */
    boolean ready() {
        return plan.role().equals("zookeeper") ? connects() : serves();
    }

    private boolean connects() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), plan.port()), PATIENCE_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean serves() {
        try {
            return HealthGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                            .check(HealthCheckRequest.newBuilder()
                                    .setService(plan.healthService())
                                    .build())
                            .getStatus()
                    == ServingStatus.SERVING;
        } catch (StatusRuntimeException e) {
            channel.resetConnectBackoff(); // grows to minutes otherwise
            return false;
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
