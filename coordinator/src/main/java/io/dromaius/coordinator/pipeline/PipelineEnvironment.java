package io.dromaius.coordinator.pipeline;

import com.google.common.base.Ticker;
import io.dromaius.coordinator.engine.EngineModel;
import io.dromaius.coordinator.engine.InputRun;
import io.dromaius.coordinator.engine.TextStream;
import io.dromaius.proto.internal.v1.DType;
import io.grpc.ManagedChannel;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/**
 * What all pipelines of a coordinator have in common.
 *
 * @param hidden width of the model
 * @param canaryPrompt the empty prompt, with [IMG] behind it
 * @param dtypeOf the dtype that a shard computes in, by its member id
 * @param dial opens a channel to an endpoint, which the pipeline closes
 */
public record PipelineEnvironment(
        PipelineSettings settings,
        EngineModel model,
        int hidden,
        List<InputRun> canaryPrompt,
        TextStream.Factory texts,
        Function<String, DType> dtypeOf,
        Function<String, ManagedChannel> dial,
        UnconditionalEmbeddings unconditional,
        StepMetrics metrics,
        ScheduledExecutorService timer,
        Ticker ticker) {}
