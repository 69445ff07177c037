package io.dromaius.coordinator.engine;

import java.util.concurrent.CompletableFuture;

/** What can happen to an engine; its loop takes these one after the other. */
public sealed interface EngineEvent {
    record Submitted(GenerationRequest request, GenerationListener listener) implements EngineEvent {}

    record Cancelled(String requestId) implements EngineEvent {}

    record StepDone(StepResult result) implements EngineEvent {}

    record PipelineLost(String cause) implements EngineEvent {}

    record StatsAsked(CompletableFuture<EngineStats> stats) implements EngineEvent {}

    record Stopped() implements EngineEvent {}
}
