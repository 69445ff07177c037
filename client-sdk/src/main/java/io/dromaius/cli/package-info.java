/** The command line: one class a command, and {@link io.dromaius.cli.Terminal} to talk to whoever runs it. */
@NullMarked
package io.dromaius.cli;

import org.jspecify.annotations.NullMarked;
