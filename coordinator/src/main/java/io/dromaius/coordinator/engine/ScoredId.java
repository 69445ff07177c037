package io.dromaius.coordinator.engine;

/** A token id and its score; which score is the holder's to say. */
public record ScoredId(int id, float score) {}
