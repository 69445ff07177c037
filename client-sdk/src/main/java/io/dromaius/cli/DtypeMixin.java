package io.dromaius.cli;

import io.dromaius.model.torch.Dtype;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The type that a model is computed in. */
final class DtypeMixin {
    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            converter = Converter.class,
            description = "Type computed in: bf16 or fp32 (default: ${DEFAULT-VALUE}).")
    private Dtype dtype = Dtype.BF16;

    Dtype dtype() {
        return dtype;
    }

    /** As options and settings call it. */
    static String name(Dtype dtype) {
        return dtype.name().toLowerCase(Locale.ROOT);
    }

    /** Takes the types that models are stored and computed in. */
    static final class Converter implements ITypeConverter<Dtype> {
        @Override
        public Dtype convert(String name) {
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "bf16" -> Dtype.BF16;
                case "fp32" -> Dtype.FP32;
                default -> throw new TypeConversionException("'" + name + "' is neither bf16 nor fp32");
            };
        }
    }
}
