package io.dromaius.client;

import java.time.Duration;

/**
 * Wall time as the cluster measured it.
 *
 * @param queue from arrival to admission
 * @param encode pictures to embeddings
 * @param prefill from scheduled to the first token
 * @param decode from the first token to the last
 * @param diffusion embeddings to pictures
 * @param total from arrival to the last event
 * @param firstToken from arrival to the first token or embedding (TTFT)
 */
public record Timings(
        Duration queue,
        Duration encode,
        Duration prefill,
        Duration decode,
        Duration diffusion,
        Duration total,
        Duration firstToken) {}
