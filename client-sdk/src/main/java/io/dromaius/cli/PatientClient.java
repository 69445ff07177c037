package io.dromaius.cli;

import io.dromaius.client.EmuClient;
import io.dromaius.client.EmuClientBuilder;
import io.dromaius.client.RetryPolicy;
import java.time.Duration;
import java.util.List;

/** A client for sets of calls which must all be answered: that others wait in the queue before them is no failure. */
public final class PatientClient {
    /** The longest that one call may take, its waiting included. */
    public static final Duration CALL = Duration.ofMinutes(10);

    private static final RetryPolicy PERSISTENT =
            new RetryPolicy(1000, Duration.ofMillis(50), Duration.ofSeconds(2), 1.5);

    private PatientClient() {}

    /** A client of the coordinators at these addresses; the caller closes it. */
    public static EmuClient open(List<String> endpoints) {
        EmuClientBuilder builder = EmuClient.builder().deadline(CALL).retries(PERSISTENT);
        endpoints.forEach(builder::endpoint);
        return builder.build();
    }
}
