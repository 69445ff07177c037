package io.dromaius.model.llama;

/**
 * What a text head found.
 *
 * @param ids candidates, best first, equal scores by id
 * @param scores their processed scores
 * @param idLogprobs their log-probabilities in the unprocessed distribution
 * @param topIds best ids of the unprocessed distribution
 * @param topLogprobs their log-probabilities
 * @param scored log-probability of each of {@link TextHead#scoreIds}
 */
@SuppressWarnings("ArrayRecordComponent") // on its way to a message; as large as the vocabulary when all is asked for
public record TextResult(
        int[] ids, float[] scores, float[] idLogprobs, int[] topIds, float[] topLogprobs, float[] scored) {}
