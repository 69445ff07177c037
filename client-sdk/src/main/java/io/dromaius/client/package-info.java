/**
 * Client of a Dromaius cluster.
 *
 * <p>Begin with {@link io.dromaius.client.EmuClient#builder()}. A prompt is text, pictures and video in any order
 * ({@link io.dromaius.client.Prompt}); the answer is a whole ({@link io.dromaius.client.Generation}), a blocking
 * iterator of events ({@link io.dromaius.client.GenerationStream}) or a reactive stream of them.
 */
@NullMarked
package io.dromaius.client;

import org.jspecify.annotations.NullMarked;
