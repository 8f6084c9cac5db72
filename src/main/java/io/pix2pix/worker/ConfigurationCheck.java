package io.pix2pix.worker;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.worker.KnownProperties.Form;
import io.pix2pix.worker.KnownProperties.Property;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.SmallRyeConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is wrong with a configuration that can be seen before it is used: names that nobody knows
 * and values that are not of their property's kind. What numbers may be is in {@link Limits}.
 *
 * <p>Each problem is a sentence that names the property, says what was found and what is allowed.
 */
final class ConfigurationCheck {
    /** For the script rather than for the application. */
    private static final Set<String> OTHER_VARIABLES = Set.of("PIX2PIX_JAVA_OPTS");

    /** What Kubernetes sets in each container for a service named pix2pix-something. */
    private static final Pattern SERVICE =
            Pattern.compile(
                    "PIX2PIX(_.*)?_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_.+)?)?)");

    /** How the library calls a source that is a file. */
    private static final Pattern FILE_SOURCE = Pattern.compile("\\[source=(.*)]");

    private static final String ENVIRONMENT = "the environment";
    private static final String VARIABLE_PREFIX = "PIX2PIX_";

    private ConfigurationCheck() {}

    /**
     * @throws FailureException when there are problems, with all of them
     */
    static void require(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new FailureException(
                    Failure.permanent(
                            Stage.SUBMIT, "CONFIGURATION", String.join("\npix2pix: ", problems)));
        }
    }

    /**
     * @param variables names of the environment's variables
     */
    static List<String> problems(SmallRyeConfig config, Set<String> variables) {
        List<Property> known = KnownProperties.all();
        List<String> problems = new ArrayList<>();
        for (String name : config.getPropertyNames()) {
            boolean ours = name.startsWith(KnownProperties.PREFIX);
            if (ours && known.stream().noneMatch(property -> property.isSetBy(name))) {
                String source = source(config.getConfigValue(name));
                // What is guessed of a variable's name is wrong more often than the variable is.
                if (!source.equals(ENVIRONMENT)) {
                    problems.add(
                            "%s (in %s) is no property; did you mean %s?"
                                    .formatted(name, source, KnownProperties.nearest(name)));
                }
            }
        }
        for (String variable : variables) {
            if (variable.startsWith(VARIABLE_PREFIX)
                    && !OTHER_VARIABLES.contains(variable)
                    && !SERVICE.matcher(variable).matches()
                    && known.stream().noneMatch(p -> p.isSetByVariable(variable))) {
                problems.add(
                        "%s in the environment sets no property; did you mean %s?"
                                .formatted(variable, nearestVariable(variable)));
            }
        }
        known.stream()
                .filter(property -> property.form() != Form.MAP)
                .forEach(property -> checkValue(config, property, problems));
        return problems.stream().sorted().toList();
    }

    private static String nearestVariable(String variable) {
        String name = variable.toLowerCase(Locale.ROOT).replace('_', '.');
        String nearest = KnownProperties.nearest(name);
        return KnownProperties.all().stream()
                .filter(property -> property.name().equals(nearest))
                .map(Property::variable)
                .findFirst()
                .orElseThrow();
    }

    private static void checkValue(
            SmallRyeConfig config, Property property, List<String> problems) {
        ConfigValue found;
        try {
            found = config.getConfigValue(property.name());
        } catch (NoSuchElementException | IllegalArgumentException e) {
            problems.add("%s: %s".formatted(property.name(), e.getMessage()));
            return;
        }
        String value = found.getValue();
        if (value == null || value.isEmpty()) {
            return;
        }
        List<String> values =
                property.form() == Form.LIST
                        ? Arrays.stream(value.split(",", -1)).map(String::strip).toList()
                        : List.of(value);
        for (String one : values) {
            if (!isOf(config, property.type(), one)) {
                problems.add(
                        "%s is '%s' (in %s), expected %s"
                                .formatted(
                                        property.name(),
                                        one,
                                        source(found),
                                        expected(property.type())));
            }
        }
    }

    private static boolean isOf(SmallRyeConfig config, Class<?> type, String value) {
        if (type == boolean.class || type == Boolean.class) {
            // The converter takes whatever it does not know for false.
            return value.equals("true") || value.equals("false");
        }
        try {
            return config.convert(value, type) != null;
        } catch (IllegalArgumentException e) {
            // What the converter says of it names classes rather than properties.
            return false;
        }
    }

    private static String expected(Class<?> type) {
        if (type == Duration.class) {
            return "a duration such as 500ms, 30s, 5m or 1h";
        } else if (type == int.class || type == short.class) {
            return "a whole number";
        } else if (type == long.class) {
            return "a whole number of bytes or things, without a unit";
        } else if (type == double.class) {
            return "a number";
        } else if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        } else if (type == URI.class) {
            return "a URI such as http://127.0.0.1:9000";
        } else if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(c -> c.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                            .collect(Collectors.joining(", "));
        }
        return "a " + type.getSimpleName();
    }

    private static String source(ConfigValue value) {
        String name = String.valueOf(value.getConfigSourceName());
        Matcher file = FILE_SOURCE.matcher(name);
        if (file.find()) {
            return file.group(1);
        } else if (name.startsWith("SysProp")) {
            return "system properties";
        }
        return name.startsWith("Env") ? ENVIRONMENT : name;
    }
}
