@NullMarked
package io.dromaius.cli.conformance;

import org.jspecify.annotations.NullMarked;
