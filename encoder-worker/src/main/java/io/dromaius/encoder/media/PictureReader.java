package io.dromaius.encoder.media;

import io.dromaius.model.vision.RgbImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * PNG, JPEG and WebP to the colours that Pillow's {@code convert("RGB")} gives: alpha dropped and not composited, gray and palettes
 * expanded, colour profiles and orientation ignored. Stateless.
 */
final class PictureReader {

    private PictureReader() {}

    /** Decodes the remaining bytes of {@code data}. */
    static RgbImage read(ByteBuffer data, SizeCheck sizeCheck) throws MediaException {
        PictureFormat format =
                PictureFormat.of(data).orElseThrow(() -> new MediaException("is no PNG, JPEG or WebP picture"));
        byte[] file = new byte[data.remaining()];
        data.duplicate().get(file);
        try {
            JpegSegments segments = format == PictureFormat.JPEG ? JpegSegments.of(file) : null;
            byte[] input = segments == null ? file : segments.withoutColourProfile();
            try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(input))) {
                return read(stream, format, segments != null && segments.fourComponents() ? segments : null, sizeCheck);
            }
        } catch (IOException | RuntimeException e) {
            // Readers meet broken files with any exception: of an index, an argument, arithmetic.
            String words = e.getMessage() == null ? "it is truncated or damaged" : e.getMessage();
            throw new MediaException("cannot be decoded: " + words, e);
        }
    }

    private static RgbImage read(
            ImageInputStream stream, PictureFormat format, @Nullable JpegSegments cmyk, SizeCheck sizeCheck)
            throws IOException, MediaException {
        ImageReader reader = ImageIO.getImageReadersByFormatName(format.name().toLowerCase(Locale.ROOT))
                .next();
        try {
            List<String> warnings = new ArrayList<>();
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            // Metadata is not looked at, so what is compressed in it is never unpacked.
            reader.setInput(stream, true, true);
            sizeCheck.check(reader.getWidth(0), reader.getHeight(0));
            RgbImage picture = cmyk == null
                    ? RgbImage.of(reader.read(0))
                    : cmyk.toRgb(reader.readRaster(0, reader.getDefaultReadParam()));
            refuseTruncated(warnings);
            return picture;
        } finally {
            reader.dispose();
        }
    }

    /** The JPEG reader fills what is missing with gray and only warns. */
    private static void refuseTruncated(List<String> warnings) throws MediaException {
        for (String warning : warnings) {
            String lower = warning.toLowerCase(Locale.ROOT);
            if (lower.contains("premature") || lower.contains("truncated")) {
                throw new MediaException("is truncated");
            }
        }
    }
}
