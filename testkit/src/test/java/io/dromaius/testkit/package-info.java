/** Whole clusters under test: every role in one JVM, or as processes that can be killed; and rules over all modules. */
@NullMarked
package io.dromaius.testkit;

import org.jspecify.annotations.NullMarked;
