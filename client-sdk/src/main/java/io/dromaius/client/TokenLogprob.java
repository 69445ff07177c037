package io.dromaius.client;

import java.util.List;

/**
 * Log-probability of a generated token in the model's own distribution, before penalties and temperature.
 *
 * @param alternatives the most likely tokens at this position, best first; as many as were asked for
 */
public record TokenLogprob(int tokenId, float logprob, List<Alternative> alternatives) {
    public TokenLogprob {
        alternatives = List.copyOf(alternatives);
    }

    /** A token that could have come instead. */
    public record Alternative(int tokenId, float logprob) {}
}
