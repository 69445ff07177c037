package io.dromaius.client;

/**
 * What a call consumed.
 *
 * @param promptTokens tokens of the prompt, 34 for each picture
 * @param generatedTokens tokens generated, over all candidates
 * @param inputImages pictures and video frames read
 * @param outputImages pictures drawn
 * @param cachedImages input pictures whose embeddings the cluster still had
 */
public record Usage(int promptTokens, int generatedTokens, int inputImages, int outputImages, int cachedImages) {}
