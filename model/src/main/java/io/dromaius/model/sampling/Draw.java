package io.dromaius.model.sampling;

/**
 * How one token is drawn.
 *
 * @param temperature above 0; scores are divided by it first
 * @param topK keep this many best (and those that tie with the last); 0 is all
 * @param topP then keep the fewest best whose probabilities sum to this; 1 is all
 * @param seed the request's
 * @param candidate which of the request's answers
 * @param position count of tokens generated before this one
 */
public record Draw(double temperature, int topK, double topP, long seed, int candidate, int position) {

    public Draw {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature is " + temperature);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("topK is " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("topP is " + topP);
        }
        if (candidate < 0 || position < 0) {
            throw new IllegalArgumentException("candidate is " + candidate + ", position is " + position);
        }
    }
}
