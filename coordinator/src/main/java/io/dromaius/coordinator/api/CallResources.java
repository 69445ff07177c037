package io.dromaius.coordinator.api;

import com.google.common.base.Ticker;
import io.dromaius.coordinator.pipeline.Pipelines;
import io.dromaius.coordinator.vision.DecoderPool;
import io.dromaius.coordinator.vision.MediaEncoder;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What every call works with.
 *
 * @param executor runs the calls' own events, each call's one at a time
 * @param seeds where a client gives none
 * @param maxBufferedBytes of events that a client has not read
 */
record CallResources(
        RequestValidator validator,
        RequestAssembler assembler,
        Admission admission,
        Pipelines pipelines,
        MediaEncoder encoders,
        DecoderPool decoders,
        GenerationMetrics metrics,
        Executor executor,
        Ticker ticker,
        LongSupplier seeds,
        long maxBufferedBytes) {}
