package io.dromaius.cli;

import picocli.CommandLine.ITypeConverter;

/** An option's whole number from 0. */
final class NotNegative implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
        return AtLeastOne.within(0, Integer.MAX_VALUE, value);
    }
}
