package io.dromaius.decoder;

import com.google.common.base.Ticker;
import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.diffusion.InvalidDrawException;
import io.dromaius.model.torch.Dtype;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.dromaius.wire.TensorDecoderService;
import io.dromaius.wire.TensorFrame;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The Draw call: checks a request against the loaded model and hands it to the worker. Never computes. */
final class DecoderService implements TensorDecoderService {
    private final DecoderWorker worker;
    private final int maxSide;
    private final Ticker ticker;

    DecoderService(DecoderWorker worker, int maxSide, Ticker ticker) {
        this.worker = worker;
        this.maxSide = maxSide;
        this.ticker = ticker;
    }

    @Override
    public void draw(TensorFrame<DrawRequest> request, StreamObserver<DrawResponse> events) {
        try {
            DrawSpec spec = check(request);
            ServerCallStreamObserver<DrawResponse> responses = (ServerCallStreamObserver<DrawResponse>) events;
            // Without a handler, sending to a cancelled call would throw; the queue looks at the call before each step.
            responses.setOnCancelHandler(() -> {});
            worker.submit(new DrawCall(request, spec, dtype(request.header()), responses, worker.events(), ticker));
        } catch (RuntimeException e) {
            request.close();
            throw e;
        }
    }

    private DrawSpec check(TensorFrame<DrawRequest> request) {
        DrawRequest header = request.header();
        ImageDecoder decoder = worker.decoder();
        int height = header.getHeight() == 0 ? decoder.defaultHeight() : header.getHeight();
        int width = header.getWidth() == 0 ? decoder.defaultWidth() : header.getWidth();
        checkSide("height", height);
        checkSide("width", width);
        DrawSpec spec = new DrawSpec(header.getSteps(), header.getGuidanceScale(), height, width);
        long[] shape =
                header.getShapeList().stream().mapToLong(Integer::longValue).toArray();
        try {
            decoder.check(spec, shape);
        } catch (InvalidDrawException e) {
            throw Failures.badField(e.field(), e.description());
        }
        long bytes = shape[0] * shape[1] * shape[2] * dtype(header).bytes();
        if (request.payloadBytes() != bytes) {
            throw Failures.badField("payload", "must have " + bytes + " bytes, not " + request.payloadBytes());
        }
        long[] latents = decoder.latentShape(spec);
        long latentBytes = latents[1] * latents[2] * latents[3] * Dtype.FP32.bytes();
        int given = header.getInitialLatents().size();
        if (given != 0 && given != latentBytes) {
            throw Failures.badField("initial_latents", "must have " + latentBytes + " bytes, not " + given);
        }
        return spec;
    }

    private void checkSide(String field, int pixels) {
        if (Integer.compareUnsigned(pixels, maxSide) > 0) {
            String description = "must be at most " + maxSide + " pixels, not " + Integer.toUnsignedString(pixels);
            throw Failures.of(FailureCode.LIMIT_EXCEEDED, field + " " + description)
                    .field(field, description)
                    .info("limit", Integer.toString(maxSide))
                    .build();
        }
    }

    private static Dtype dtype(DrawRequest header) {
        return switch (header.getDtype()) {
            case D_TYPE_FP32 -> Dtype.FP32;
            case D_TYPE_BF16 -> Dtype.BF16;
            case D_TYPE_FP16 -> Dtype.FP16;
            case D_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                throw Failures.badField(
                        "dtype",
                        "must be " + DType.D_TYPE_FP32 + ", " + DType.D_TYPE_BF16 + " or " + DType.D_TYPE_FP16);
        };
    }
}
