package io.dromaius.model.llama;

/**
 * Sequences of a step that read a packed prefix.
 *
 * @param first first of the sequences
 * @param end behind the last of them
 */
public record PackedRead(int first, int end, PackedPrefix prefix) {}
