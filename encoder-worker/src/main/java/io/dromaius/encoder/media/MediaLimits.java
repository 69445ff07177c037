package io.dromaius.encoder.media;

/**
 * What is refused, before anything of that size is allocated.
 *
 * @param bytes of a picture or video as sent
 * @param pixels of a picture, or of a frame of a video
 * @param videoFrames frames of a video, shown or not
 * @param shownFrames frames of a video that one request may ask for
 */
public record MediaLimits(int bytes, int pixels, int videoFrames, int shownFrames) {

    public static final MediaLimits DEFAULT = new MediaLimits(32 << 20, 64_000_000, 36_000, 64);

    public MediaLimits {
        if (bytes < 1 || pixels < 1 || videoFrames < 1 || shownFrames < 1) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }

    void checkBytes(int actual) throws MediaException {
        if (actual == 0) {
            throw new MediaException("is empty");
        }
        if (actual > bytes) {
            throw new MediaException("has " + actual + " bytes, more than " + bytes);
        }
    }

    void checkPixels(long width, long height) throws MediaException {
        if (width < 1 || height < 1) {
            throw new MediaException("is " + width + " x " + height);
        }
        if (width * height > pixels) {
            throw new MediaException("is " + width + " x " + height + ", more than " + pixels + " pixels");
        }
    }
}
