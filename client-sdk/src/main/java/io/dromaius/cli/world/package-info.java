/**
 * The demo world: pictures of a few shapes on a 3 x 3 grid, what can be said of them, and readers of both, so that what
 * a model says and draws can be judged. The counterpart of {@code demo/world} and {@code demo/grade}, on which the demo
 * model was trained and examined; nothing here knows a model.
 */
@NullMarked
package io.dromaius.cli.world;

import org.jspecify.annotations.NullMarked;
