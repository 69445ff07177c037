package io.dromaius.shard;

/**
 * The shard that comes next.
 *
 * @param endpoint {@code host:port}
 */
record Neighbour(String member, String endpoint) {}
