package io.dromaius.encoder.media;

/** Told the size of a picture or of a video's frames once it is known, and before anything is decoded; may refuse it. */
interface SizeCheck {
    void check(int width, int height) throws MediaException;
}
