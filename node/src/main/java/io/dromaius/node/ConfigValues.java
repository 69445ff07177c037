package io.dromaius.node;

import com.google.protobuf.ProtocolMessageEnum;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Text of a configuration file, variable or flag to a typed value. */
final class ConfigValues {
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ns|us|ms|s|m|h|d)");
    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ns", ChronoUnit.NANOS,
            "us", ChronoUnit.MICROS,
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);

    private ConfigValues() {}

    /** @throws IllegalArgumentException with a message that says what is expected */
    static Object parse(Type type, String text) {
        if (type instanceof ParameterizedType generic) {
            Type element = generic.getActualTypeArguments()[0];
            if (generic.getRawType() == Optional.class) {
                return text.isEmpty() ? Optional.empty() : Optional.of(parse(element, text));
            }
            if (generic.getRawType() == List.class) {
                return parseList(element, text);
            }
        } else if (type instanceof Class<?> plain) {
            return parsePlain(plain, text.strip());
        }
        throw new IllegalStateException("no configuration value can be a " + type);
    }

    static Duration parseDuration(String text) {
        Matcher form = DURATION.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException("not a duration like 500ms, 2s or 5m: '" + text + "'");
        }
        return Duration.of(Long.parseLong(form.group(1)), UNITS.get(form.group(2)));
    }

    private static List<Object> parseList(Type element, String text) {
        List<Object> values = new ArrayList<>();
        if (!text.isBlank()) {
            for (String part : text.split(",", -1)) {
                values.add(parse(element, part.strip()));
            }
        }
        return List.copyOf(values);
    }

    private static Object parsePlain(Class<?> type, String text) {
        if (type == String.class) {
            return text;
        } else if (type == int.class || type == Integer.class) {
            return number(text, "a whole number", Integer::valueOf);
        } else if (type == long.class || type == Long.class) {
            return number(text, "a whole number", Long::valueOf);
        } else if (type == double.class || type == Double.class) {
            return number(text, "a number", Double::valueOf);
        } else if (type == boolean.class || type == Boolean.class) {
            return truth(text);
        } else if (type == Path.class) {
            return Path.of(text);
        } else if (type == Duration.class) {
            return parseDuration(text);
        } else if (type == DataSize.class) {
            return DataSize.parse(text);
        } else if (type.isEnum()) {
            return constant(type, text);
        }
        throw new IllegalStateException("no configuration value can be a " + type);
    }

    private interface NumberParser {
        Number parse(String text);
    }

    private static Number number(String text, String what, NumberParser parser) {
        try {
            return parser.parse(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not " + what + ": '" + text + "'", e);
        }
    }

    private static boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new IllegalArgumentException("neither true nor false: '" + text + "'");
        };
    }

    private static Object constant(Class<?> type, String text) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            Optional<String> name = configName((Enum<?>) constant);
            if (name.isPresent()) {
                if (name.get().equals(text.toLowerCase(Locale.ROOT))) {
                    return constant;
                }
                names.add(name.get());
            }
        }
        throw new IllegalArgumentException("not one of " + String.join(", ", names) + ": '" + text + "'");
    }

    /** {@code DType.D_TYPE_BF16} is {@code bf16}, {@code Mode.FAST_ONE} is {@code fast-one}; unspecified has no name. */
    private static Optional<String> configName(Enum<?> constant) {
        String name = constant.name();
        if (constant instanceof ProtocolMessageEnum) {
            String prefix = Arrays.stream(constant.getDeclaringClass().getEnumConstants())
                    .map(Enum::name)
                    .filter(other -> other.endsWith("UNSPECIFIED"))
                    .map(other -> other.substring(0, other.length() - "UNSPECIFIED".length()))
                    .collect(Collectors.joining());
            if (!name.startsWith(prefix) || name.endsWith("UNSPECIFIED")) {
                return Optional.empty();
            }
            name = name.substring(prefix.length());
        }
        return Optional.of(name.toLowerCase(Locale.ROOT).replace('_', '-'));
    }
}
