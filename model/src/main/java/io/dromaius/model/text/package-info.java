/**
 * Text in and out of the model: the SentencePiece tokenizer with Emu's special tokens, prompts with picture slots, and incremental decoding.
 */
@NullMarked
package io.dromaius.model.text;

import org.jspecify.annotations.NullMarked;
