package io.dromaius.node.rpc;

import com.google.common.net.HostAndPort;
import io.dromaius.node.Node;
import io.dromaius.node.NodeConfig;
import io.dromaius.wire.Undecoded;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process' gRPC server with what every server has: health, reflection, channelz (see {@link GrpcServers}), and
 * {@link FailureInterceptor}.
 *
 * <p>Health: the empty service name means that the process is alive, a service's name that it is ready. A service is
 * not ready until {@link #setReady} says so. Draining reports all of them as not serving before calls are refused.
 */
public final class GrpcServer implements Node.Part {
    private static final Logger log = LoggerFactory.getLogger(GrpcServer.class);

    private final Server server;
    private final HealthStatusManager health;
    private final String host;

    GrpcServer(Server server, HealthStatusManager health, String host) {
        this.server = server;
        this.health = health;
        this.host = host;
    }

    /** Says whether a service does its work. Any thread. */
    public void setReady(String service, boolean ready) {
        health.setStatus(service, ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /** The port listened on, once started. */
    public int port() {
        return server.getPort();
    }

    /** Where others reach this server, once started: {@code host:port}. */
    public String endpoint() {
        return HostAndPort.fromParts(host, port()).toString();
    }

    @Override
    public void start() throws IOException {
        server.start();
        log.info("gRPC is served at {}", endpoint());
    }

    @Override
    public void drain(Duration timeLeft) throws InterruptedException {
        health.enterTerminalState();
        server.shutdown();
        server.awaitTermination(timeLeft.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(1, TimeUnit.SECONDS);
    }

    /** Collects what a server serves. Interceptors see a call in the order in which they were added. */
    public static final class Builder {
        private final NettyServerBuilder netty;
        private final HealthStatusManager health;
        private final String host;
        private final List<ServerInterceptor> interceptors = new ArrayList<>();

        Builder(NettyServerBuilder netty, HealthStatusManager health, NodeConfig config) {
            this.netty = netty;
            this.health = health;
            this.host = config.host();
        }

        /** Adds a service, not ready yet. */
        public Builder add(BindableService service) {
            return add(service.bindService());
        }

        /** Adds a service, not ready yet. */
        public Builder add(ServerServiceDefinition service) {
            health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.NOT_SERVING);
            netty.addService(served(service));
            return this;
        }

        /**
         * With ordinary protobuf, requests are parsed behind the interceptors, so that bytes that are no message are
         * the caller's error; in front of them gRPC takes them for a bug of the server. Their fields are bounded.
         */
        static ServerServiceDefinition served(ServerServiceDefinition service) {
            return isPlain(service)
                    ? ServerInterceptors.intercept(
                            ServerInterceptors.useMarshalledMessages(service, new Undecoded()), new FieldLimit())
                    : service;
        }

        /** Whether all messages are ordinary protobuf. */
        private static boolean isPlain(ServerServiceDefinition service) {
            return service.getMethods().stream()
                    .map(ServerMethodDefinition::getMethodDescriptor)
                    .allMatch(method -> method.getRequestMarshaller() instanceof PrototypeMarshaller
                            && method.getResponseMarshaller() instanceof PrototypeMarshaller);
        }

        public Builder intercept(ServerInterceptor interceptor) {
            interceptors.add(interceptor);
            return this;
        }

        /** Has each call's transport traced. */
        public Builder trace(ServerStreamTracer.Factory tracers) {
            netty.addStreamTracerFactory(tracers);
            return this;
        }

        /** Lets each connection have at most so many calls at a time; what is over that waits at the client. */
        public Builder callsPerConnection(int most) {
            netty.maxConcurrentCallsPerConnection(most);
            return this;
        }

        /** Runs the services' callbacks; a shared pool of threads unless given. */
        public Builder executor(Executor executor) {
            netty.executor(executor);
            return this;
        }

        public GrpcServer build() {
            for (int i = interceptors.size() - 1; i >= 0; i--) {
                netty.intercept(interceptors.get(i));
            }
            netty.intercept(new FailureInterceptor());
            return new GrpcServer(netty.build(), health, host);
        }
    }
}
