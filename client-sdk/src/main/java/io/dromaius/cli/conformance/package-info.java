/**
 * Certification against a set of reference results: every case is run and compared, none is skipped. A set is a folder with
 * {@code emu-tiny/}, {@code emu-tiny-instruct/} and {@code cases/}; everything else is read from its files.
 */
@NullMarked
package io.dromaius.cli.conformance;

import org.jspecify.annotations.NullMarked;
