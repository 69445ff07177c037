package io.dromaius.cli;

import picocli.CommandLine.ITypeConverter;

/** An option's port; 0 is any free one. */
final class Port implements ITypeConverter<Integer> {
    private static final int LAST = 65_535;

    @Override
    public Integer convert(String value) {
        return AtLeastOne.within(0, LAST, value);
    }
}
