/** What of a public call is received when: the bound on the bytes of request messages. */
@NullMarked
package io.dromaius.coordinator.intake;

import org.jspecify.annotations.NullMarked;
