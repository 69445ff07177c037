@NullMarked
package io.dromaius.client;

import org.jspecify.annotations.NullMarked;
