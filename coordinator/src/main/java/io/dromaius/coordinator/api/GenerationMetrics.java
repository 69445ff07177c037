package io.dromaius.coordinator.api;

/** What is counted while requests are served. Any thread. */
public interface GenerationMetrics {
    /** Time from arrival to the first token or embedding. */
    void firstOutput(double seconds);

    /** Time from one batch of tokens of a candidate to the next. */
    void betweenTokens(double seconds);

    void promptTokens(int count);

    void generatedTokens(int count);

    /** Media encoded, from first call to last answer. */
    void encoded(double seconds, int pictures, int cachedPictures);

    void drawn(double seconds);

    /** A request ended: {@code OK}, or the name of its failure. */
    void ended(String method, String outcome);
}
