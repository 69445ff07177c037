package io.dromaius.cli.world;

/** How all objects of a scene are painted. */
public enum Style implements Named {
    FLAT,
    OUTLINED,
    STRIPED,
    DOTTED
}
