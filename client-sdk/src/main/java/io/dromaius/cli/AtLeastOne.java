package io.dromaius.cli;

import java.math.BigInteger;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An option's whole number from 1. */
final class AtLeastOne implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
        return within(1, Integer.MAX_VALUE, value);
    }

    static int within(int least, int most, String value) {
        if (!value.matches("[+-]?[0-9]+")) {
            throw new TypeConversionException("'" + value + "' is no whole number");
        }
        BigInteger number = new BigInteger(value);
        if (number.compareTo(BigInteger.valueOf(least)) < 0) {
            throw new TypeConversionException("it is at least " + least + ", not " + value);
        }
        if (number.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new TypeConversionException("it is at most " + most + ", not " + value);
        }
        return number.intValue();
    }
}
