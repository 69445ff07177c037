package io.dromaius.decoder;

import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.diffusion.Drawing;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.diffusion.Picture;

/** A picture somebody waits for. Called on the compute thread, except for {@link #isCancelled}. */
interface DrawJob {
    DrawSpec spec();

    /** Nobody waits any more. Any thread. */
    boolean isCancelled();

    /** Copies what the picture is drawn from, and frees it. Called once, unless the job never gets its turn. */
    Drawing begin(ImageDecoder decoder);

    /** Whether it wants to see what the picture looks like after this step. */
    boolean wantsPreview(int step);

    void stepped(int step);

    void previewed(int step, Picture preview);

    /** The end. */
    void done(Picture picture, int unetCalls);

    /** The end. Any thread. */
    void failed(RuntimeException failure);

    /** The end of a job that was cancelled; there is nobody to tell. Any thread. */
    void dropped();
}
