package io.dromaius.cli.world;

/**
 * What a picture shows, as far as it can be told.
 *
 * @param likeness mean correlation of the objects with what they were taken for, up to 1: how sure one may be; 0 when
 *     there is none
 */
public record Seen(Scene scene, double likeness) {}
