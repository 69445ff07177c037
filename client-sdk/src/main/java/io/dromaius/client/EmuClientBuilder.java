package io.dromaius.client;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Settings of an {@link EmuClient}. Not thread-safe. */
public final class EmuClientBuilder {
    /** The largest message the public API exchanges. */
    static final int MAX_MESSAGE_BYTES = 64 << 20;

    private final List<String> addresses = new ArrayList<>();
    private RetryPolicy retries = RetryPolicy.defaults();
    private Duration deadline = Duration.ofMinutes(5);
    private Function<String, ManagedChannelBuilder<?>> transport = EmuClientBuilder::plaintext;

    EmuClientBuilder() {}

    /** Adds a coordinator, as {@code host:port}. The next one is tried when this one cannot be reached. */
    public EmuClientBuilder endpoint(String address) {
        addresses.add(address);
        return this;
    }

    /** Time a call may take, retries included, where its options say nothing. 5 minutes unless set. */
    public EmuClientBuilder deadline(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("deadline must be positive, but is " + value);
        }
        deadline = value;
        return this;
    }

    /** When a call is tried again. */
    public EmuClientBuilder retries(RetryPolicy policy) {
        retries = policy;
        return this;
    }

    /** How a channel to an endpoint is made: for TLS, interceptors, or another transport. Plain text unless set. */
    public EmuClientBuilder transport(Function<String, ManagedChannelBuilder<?>> factory) {
        transport = factory;
        return this;
    }

    /** Connects lazily: a cluster that is not there shows at the first call. */
    public EmuClient build() {
        if (addresses.isEmpty()) {
            throw new IllegalStateException("name at least one endpoint, such as localhost:7700");
        }
        List<Endpoint> endpoints = addresses.stream()
                .map(address -> new Endpoint(address, channel(address)))
                .toList();
        return new EmuClient(new Connection(new Endpoints(endpoints), retries), deadline);
    }

    private ManagedChannel channel(String address) {
        // gRPC's own retries know neither RetryInfo nor whether an event was delivered, and keep messages to replay.
        return transport
                .apply(address)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .disableRetry()
                .build();
    }

    private static ManagedChannelBuilder<?> plaintext(String address) {
        return NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .keepAliveTime(30, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS);
    }
}
