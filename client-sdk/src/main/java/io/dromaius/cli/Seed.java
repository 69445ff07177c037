package io.dromaius.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A seed of 64 bits, as answers print it: without a sign. Those below 0 stand for their bits. */
final class Seed implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
        try {
            return value.startsWith("-") ? Long.parseLong(value) : Long.parseUnsignedLong(value);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + value + "' is no whole number of 64 bits");
        }
    }
}
