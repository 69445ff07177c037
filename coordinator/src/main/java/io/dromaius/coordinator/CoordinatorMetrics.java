package io.dromaius.coordinator;

import io.dromaius.coordinator.api.GenerationMetrics;
import io.dromaius.coordinator.intake.IntakeMetrics;
import io.dromaius.coordinator.pipeline.StepMetrics;
import io.dromaius.node.metrics.Metrics;

/** What a coordinator measures, by its Prometheus names. */
final class CoordinatorMetrics implements GenerationMetrics, IntakeMetrics, StepMetrics {
    private final Metrics.Histogram firstOutput;
    private final Metrics.Histogram betweenTokens;
    private final Metrics.Counter promptTokens;
    private final Metrics.Counter generatedTokens;
    private final Metrics.Histogram encode;
    private final Metrics.Counter pictures;
    private final Metrics.Counter cachedPictures;
    private final Metrics.Histogram draw;
    private final Metrics.Counter requests;
    private final Metrics.Counter refusedMessages;
    private final Metrics.Histogram step;
    private final Metrics.Counter stageCompute;
    private final Metrics.Counter stageWait;

    CoordinatorMetrics(Metrics metrics) {
        firstOutput = metrics.seconds(
                "dromaius_time_to_first_token_seconds", "From arrival to the first token or embedding.");
        betweenTokens = metrics.seconds("dromaius_inter_token_seconds", "From one token of a request to the next.");
        promptTokens = metrics.counter("dromaius_prompt_tokens_total", "Prompt tokens taken in.");
        generatedTokens = metrics.counter("dromaius_generated_tokens_total", "Tokens told to callers.");
        encode = metrics.seconds("dromaius_encode_seconds", "From a request's first encode to its last.");
        pictures = metrics.counter("dromaius_input_pictures_total", "Pictures and video frames taken in.");
        cachedPictures =
                metrics.counter("dromaius_cached_pictures_total", "Pictures whose embeddings were kept already.");
        draw = metrics.seconds("dromaius_draw_seconds", "From a picture's embeddings to its PNG.");
        requests = metrics.counter("dromaius_requests_total", "Requests ended.", "method", "outcome");
        refusedMessages = metrics.counter(
                "dromaius_messages_refused_total", "Calls refused because there was no room for their messages.");
        step = metrics.seconds("dromaius_step_seconds", "From sending a step to its result.", "pipeline");
        stageCompute = metrics.counter("dromaius_stage_compute_seconds_total", "Time a stage computed.", "member");
        stageWait = metrics.counter("dromaius_stage_wait_seconds_total", "Time a stage waited for frames.", "member");
    }

    @Override
    public void firstOutput(double seconds) {
        firstOutput.observe(seconds);
    }

    @Override
    public void betweenTokens(double seconds) {
        betweenTokens.observe(seconds);
    }

    @Override
    public void promptTokens(int count) {
        promptTokens.add(count);
    }

    @Override
    public void generatedTokens(int count) {
        generatedTokens.add(count);
    }

    @Override
    public void encoded(double seconds, int all, int cached) {
        encode.observe(seconds);
        pictures.add(all);
        cachedPictures.add(cached);
    }

    @Override
    public void drawn(double seconds) {
        draw.observe(seconds);
    }

    @Override
    public void ended(String method, String outcome) {
        requests.add(1, method, outcome);
    }

    @Override
    public void messageRefused() {
        refusedMessages.add(1);
    }

    @Override
    public void step(String pipeline, double seconds) {
        step.observe(seconds, pipeline);
    }

    @Override
    public void stage(String member, double computeSeconds, double waitSeconds) {
        stageCompute.add(computeSeconds, member);
        stageWait.add(waitSeconds, member);
    }
}
