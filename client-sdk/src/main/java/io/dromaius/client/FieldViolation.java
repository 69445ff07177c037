package io.dromaius.client;

/**
 * A field of the request that the cluster will not take.
 *
 * @param field path within the request, such as {@code text.num_beams}
 * @param description what is wrong with it
 */
public record FieldViolation(String field, String description) {}
