package io.dromaius.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.common.base.CaseFormat;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Builds a process' configuration record from its defaults, a YAML file, the environment and the command line; each
 * overrides the one before. The file is named by {@code --config} or {@code EMU_CONFIG}.
 *
 * <p>The record's components carry {@link Setting}, or are records whose components do; all keys share one flat space.
 * A key that no setting has is refused in the file and on the command line, with the nearest known one in the message.
 * Unknown variables are left alone: a container platform sets {@code EMU_..._SERVICE_HOST} and the like by itself.
 */
public final class ConfigLoader {
    private static final String CONFIG_FLAG = "--config";
    private static final String CONFIG_VARIABLE = "EMU_CONFIG";

    /** A value as written, and where, for messages. */
    private record Given(String text, String source) {}

    private final ConfigKeys keys;
    private final Map<String, Given> given = new HashMap<>();

    private ConfigLoader(Class<? extends Record> type) {
        this.keys = new ConfigKeys(type);
    }

    /**
     * Loads and validates.
     *
     * @throws ConfigException if a key is unknown or missing, a value is not what its key wants, the record's own
     *     constructor refuses it, or the file cannot be read
     */
    public static <C extends Record> C load(Class<C> type, List<String> args, Map<String, String> environment) {
        ConfigLoader loader = new ConfigLoader(type);
        Map<String, Given> flags = loader.flags(args);
        Given file = flags.remove(CONFIG_FLAG);
        String path = file == null ? environment.get(CONFIG_VARIABLE) : file.text();
        if (path != null && !path.isBlank()) {
            loader.readFile(Path.of(path));
        }
        loader.readEnvironment(environment);
        loader.given.putAll(flags);
        return loader.build(type);
    }

    /** The table of keys that {@code --help} prints. */
    public static String help(Class<? extends Record> type) {
        return new ConfigKeys(type)
                .all().stream()
                        .map(key -> String.format(
                                "  %-28s %s%s",
                                key.flag(),
                                key.setting().help(),
                                key.setting().byDefault().isEmpty()
                                        ? ""
                                        : " [" + key.setting().byDefault() + "]"))
                        .collect(Collectors.joining("\n", "", "\n"));
    }

    private Map<String, Given> flags(List<String> args) {
        Map<String, Given> flags = new HashMap<>();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (!arg.startsWith("--")) {
                throw new ConfigException("unexpected argument '" + arg + "'; settings are given as --key value");
            }
            int equals = arg.indexOf('=');
            String flag = equals < 0 ? arg : arg.substring(0, equals);
            String key = flag.equals(CONFIG_FLAG)
                    ? CONFIG_FLAG
                    : CaseFormat.LOWER_HYPHEN.to(CaseFormat.LOWER_CAMEL, flag.substring(2));
            if (!key.equals(CONFIG_FLAG)) {
                requireKnown(key, flag, "flag " + flag);
            }
            if (equals < 0 && i + 1 == args.size()) {
                throw new ConfigException("flag " + flag + " has no value");
            }
            String text = equals < 0 ? args.get(++i) : arg.substring(equals + 1);
            if (flags.put(key, new Given(text, "flag " + flag)) != null) {
                throw new ConfigException("flag " + flag + " is given twice");
            }
        }
        return flags;
    }

    private void readFile(Path path) {
        JsonNode root;
        try {
            root = new ObjectMapper(new YAMLFactory())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature())
                    .readTree(Files.readString(path));
        } catch (NoSuchFileException e) {
            throw new ConfigException(path + " does not exist", e);
        } catch (MalformedInputException e) {
            throw new ConfigException(path + " is not text in UTF-8", e);
        } catch (JsonProcessingException e) {
            throw new ConfigException(path + " is not YAML: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ConfigException("cannot read " + path + ": " + e.getMessage(), e);
        }
        if (root.isMissingNode() || root.isNull()) {
            return;
        }
        if (!root.isObject()) {
            throw new ConfigException(path + " is not a map of keys to values");
        }
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            requireKnown(entry.getKey(), entry.getKey(), path.toString());
            given.put(entry.getKey(), new Given(text(entry.getValue(), entry.getKey(), path), path.toString()));
        }
    }

    private static String text(JsonNode value, String key, Path path) {
        if (value.isArray()) {
            return StreamSupport.stream(value.spliterator(), false)
                    .map(element -> text(element, key, path))
                    .collect(Collectors.joining(","));
        }
        if (!value.isValueNode()) {
            throw new ConfigException(key + " must be a value or a list of values (" + path + ")");
        }
        return value.isNull() ? "" : value.asText();
    }

    private void readEnvironment(Map<String, String> environment) {
        for (ConfigKeys.Key key : keys.all()) {
            String text = environment.get(key.variable());
            if (text != null) {
                given.put(key.name(), new Given(text, "variable " + key.variable()));
            }
        }
    }

    private void requireKnown(String key, String written, String source) {
        if (!keys.contains(key)) {
            String hint = keys.nearest(key)
                    .map(near -> "; did you mean " + (written.startsWith("--") ? flag(near) : near) + "?")
                    .orElse("");
            throw new ConfigException("unknown key " + written + " (" + source + ")" + hint);
        }
    }

    private static String flag(String key) {
        return "--" + CaseFormat.LOWER_CAMEL.to(CaseFormat.LOWER_HYPHEN, key);
    }

    private <C extends Record> C build(Class<C> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = Arrays.stream(components).map(this::value).toArray();
        try {
            Constructor<C> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new ConfigException(String.valueOf(refused.getMessage()), refused);
            }
            throw new IllegalStateException(type + " failed on its configuration", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be constructed", e);
        }
    }

    private Object value(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            return build(component.getType().asSubclass(Record.class));
        }
        Given value = given.getOrDefault(component.getName(), new Given(setting.byDefault(), "default"));
        boolean mayBeEmpty = component.getType() == Optional.class || component.getType() == List.class;
        if (value.text().isEmpty() && !mayBeEmpty) {
            throw new ConfigException(component.getName() + " has to be given: " + flag(component.getName()) + " ("
                    + setting.help() + ")");
        }
        try {
            return ConfigValues.parse(component.getGenericType(), value.text());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(component.getName() + " is " + e.getMessage() + " (" + value.source() + ")", e);
        }
    }
}
