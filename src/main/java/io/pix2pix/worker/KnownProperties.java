package io.pix2pix.worker;

import io.pix2pix.api.ApiConfig;
import io.pix2pix.dataset.DatasetConfig;
import io.pix2pix.messaging.MessagingConfig;
import io.pix2pix.messaging.TaskConfig;
import io.pix2pix.storage.StorageConfig;
import io.pix2pix.tracking.TrackingConfig;
import io.pix2pix.training.TrainingConfig;
import io.pix2pix.translation.TranslationConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every property of ours, as the mapping interfaces declare them. */
final class KnownProperties {
    /** Where they are declared. */
    static final List<Class<?>> MAPPINGS =
            List.of(
                    WorkerConfig.class,
                    HealthConfig.class,
                    TracingConfig.class,
                    MessagingConfig.class,
                    StorageConfig.class,
                    TrackingConfig.class,
                    TaskConfig.class,
                    TranslationConfig.class,
                    DatasetConfig.class,
                    TrainingConfig.class,
                    ApiConfig.class);

    /** What all of their names begin with. */
    static final String PREFIX = "pix2pix.";

    /** How many values a property has. */
    enum Form {
        ONE,
        /** Separated by commas, or by {@code name[0]}, {@code name[1]}, … */
        LIST,
        /** By names of their own: {@code name.key}, {@code name."key"}. */
        MAP
    }

    /**
     * A property.
     *
     * @param type of one value
     * @param defaultValue as written; null when there is none, or none that can be written
     */
    record Property(String name, Form form, Class<?> type, @Nullable String defaultValue) {
        /** The environment variable that sets it. */
        String variable() {
            return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
        }

        /** Whether a property of this name sets it. */
        boolean isSetBy(String key) {
            return switch (form) {
                case ONE -> key.equals(name);
                case LIST -> key.equals(name) || key.startsWith(name + "[");
                case MAP -> key.startsWith(name + ".");
            };
        }

        /** Whether an environment variable of this name sets it. */
        boolean isSetByVariable(String variable) {
            String rest =
                    variable.startsWith(variable()) ? variable.substring(variable().length()) : "?";
            return switch (form) {
                case ONE -> rest.isEmpty();
                case LIST -> rest.isEmpty() || rest.matches("_\\d+_");
                case MAP -> rest.startsWith("_");
            };
        }
    }

    private KnownProperties() {}

    /** All of them, ordered by name. */
    static List<Property> all() {
        List<Property> properties = new ArrayList<>();
        for (Class<?> mapping : MAPPINGS) {
            add(properties, mapping, mapping.getAnnotation(ConfigMapping.class).prefix());
        }
        properties.sort(Comparator.comparing(Property::name));
        return properties;
    }

    private static void add(List<Property> properties, Class<?> mapping, String prefix) {
        for (Method method : mapping.getDeclaredMethods()) {
            boolean follows = method.isDefault();
            if (follows || method.getParameterCount() > 0 || method.isSynthetic()) {
                continue;
            }
            String name = prefix + "." + dashed(method.getName());
            Class<?> type = valueType(method.getGenericReturnType());
            if (type.isInterface() && type.getName().startsWith("io.pix2pix.")) {
                add(properties, type, name);
                continue;
            }
            WithDefault written = method.getAnnotation(WithDefault.class);
            properties.add(
                    new Property(
                            name,
                            form(method.getGenericReturnType()),
                            type,
                            written == null ? null : written.value()));
        }
    }

    /** {@code maxBytes} is set by {@code max-bytes}. */
    private static String dashed(String method) {
        return method.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    private static Form form(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type raw = generic.getRawType();
            if (raw == Map.class) {
                return Form.MAP;
            } else if (raw == List.class || raw == Set.class) {
                return Form.LIST;
            }
            return form(generic.getActualTypeArguments()[0]);
        }
        return Form.ONE;
    }

    /** Of an optional, a collection or a map: what is in it. */
    private static Class<?> valueType(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return valueType(arguments[arguments.length - 1]);
        } else if (type == OptionalInt.class) {
            return int.class;
        } else if (type == OptionalLong.class) {
            return long.class;
        } else if (type instanceof Class<?> plain) {
            return plain;
        }
        throw new IllegalStateException("No property can be of type " + type);
    }

    /** The one whose name is most like this. */
    static String nearest(String name) {
        return all().stream()
                .map(Property::name)
                .min(Comparator.comparingInt(known -> distance(known, name)))
                .orElseThrow();
    }

    /** Characters to change, to add or to leave out (Levenshtein). */
    private static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        Arrays.setAll(before, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int same = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(same, 1 + Math.min(before[j], row[j - 1]));
            }
            before = row;
        }
        return before[b.length()];
    }
}
