package io.dromaius.node;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written {@code 512}, {@code 64KiB}, {@code 1.5GiB} (binary) or {@code 20MB} (decimal). */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern FORM =
            Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMGT]?)(i?)B?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGT";

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative: " + bytes);
        }
    }

    /**
     * Reads a size.
     *
     * @throws IllegalArgumentException if the text is none, or is more than a long holds
     */
    public static DataSize parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches() || (form.group(2).isEmpty() && !form.group(3).isEmpty())) {
            throw new IllegalArgumentException("not a size like 512MiB: '" + text + "'");
        }
        int power = form.group(2).isEmpty() ? 0 : UNITS.indexOf(form.group(2).toUpperCase(Locale.ROOT)) + 1;
        double bytes =
                Double.parseDouble(form.group(1)) * Math.pow(form.group(3).isEmpty() ? 1000 : 1024, power);
        if (bytes >= Long.MAX_VALUE) {
            throw new IllegalArgumentException("too large a size: '" + text + "'");
        }
        return new DataSize((long) bytes);
    }

    public static DataSize ofMebibytes(long mebibytes) {
        return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The largest binary unit that says it exactly: {@code parse(toString())} is this size again. */
    @Override
    public String toString() {
        long count = bytes;
        int power = 0;
        while (count != 0 && count % 1024 == 0 && power < UNITS.length()) {
            count /= 1024;
            power++;
        }
        return count + (power == 0 ? "B" : UNITS.charAt(power - 1) + "iB");
    }
}
