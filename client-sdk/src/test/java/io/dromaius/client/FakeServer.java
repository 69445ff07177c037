package io.dromaius.client;

import static io.dromaius.client.FakeGenerationService.chunk;
import static io.dromaius.client.FakeGenerationService.finished;
import static io.dromaius.client.FakeGenerationService.imageDone;
import static io.dromaius.client.FakeGenerationService.started;

import io.dromaius.proto.v1.GenerateRequest;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** A coordinator on loopback TCP that plays scripted answers. */
public final class FakeServer implements AutoCloseable {
    private final FakeGenerationService service = new FakeGenerationService();
    private final Server server;

    public FakeServer() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service)
                .addService(new FakeClusterService())
                .build()
                .start();
    }

    public String address() {
        return "localhost:" + server.getPort();
    }

    public List<GenerateRequest> requests() {
        return service.requests;
    }

    /** The next call is answered with {@code words}, a token each. */
    public void answer(String... words) {
        service.then(FakeGenerationService.answer(words));
    }

    /** Calls for which nothing else is scripted are answered with {@code words}, a token each. */
    public void answerAlways(String... words) {
        service.otherwise(FakeGenerationService.answer(words));
    }

    /** The next call is answered with a picture. */
    public void picture(byte[] png) {
        service.then(call -> {
            call.onNext(started(0));
            call.onNext(chunk(1, 0, png));
            call.onNext(imageDone(2, png.length, false));
            call.onNext(finished(3, ""));
            call.onCompleted();
        });
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
