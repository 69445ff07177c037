package io.dromaius.node;

import com.google.common.base.CaseFormat;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The keys of a configuration record: one flat space, a component that is a record adds its own keys to it. */
final class ConfigKeys {
    /** Names further apart than this are no typing error. */
    private static final int NEAR = 3;

    /** One key: its name, the type of its value, and what is written about it. */
    record Key(String name, Type type, Setting setting) {
        String flag() {
            return "--" + CaseFormat.LOWER_CAMEL.to(CaseFormat.LOWER_HYPHEN, name);
        }

        String variable() {
            return "EMU_" + CaseFormat.LOWER_CAMEL.to(CaseFormat.UPPER_UNDERSCORE, name);
        }
    }

    private final Map<String, Key> keys = new LinkedHashMap<>();

    ConfigKeys(Class<? extends Record> type) {
        add(type);
    }

    private void add(Class<? extends Record> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            Setting setting = component.getAnnotation(Setting.class);
            if (setting != null) {
                Key key = new Key(component.getName(), component.getGenericType(), setting);
                if (keys.put(key.name(), key) != null) {
                    throw new IllegalStateException("two settings are called " + key.name() + " in " + type);
                }
            } else if (component.getType().isRecord()) {
                add(component.getType().asSubclass(Record.class));
            } else {
                throw new IllegalStateException(
                        type + "." + component.getName() + " is neither a setting nor a record");
            }
        }
    }

    Collection<Key> all() {
        return Collections.unmodifiableCollection(keys.values());
    }

    boolean contains(String name) {
        return keys.containsKey(name);
    }

    /** The known name that is closest to an unknown one, unless all are far. */
    Optional<String> nearest(String unknown) {
        return keys.keySet().stream()
                .min(Comparator.comparingInt(known -> distance(known, unknown)))
                .filter(known -> distance(known, unknown) <= NEAR);
    }

    /** Levenshtein distance, letters' case ignored. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                int substituted = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
