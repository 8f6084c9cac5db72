package io.pix2pix.api;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads query parameters; what is wrong is a problem that says what was expected. */
final class Query {
    private Query() {}

    /**
     * @param given null: {@code otherwise}
     */
    static int limit(@Nullable Integer given, int otherwise, int most) {
        if (given == null) {
            return otherwise;
        }
        if (given < 1 || given > most) {
            throw ProblemException.badRequest(
                    "limit must be 1 to %d, found %d".formatted(most, given));
        }
        return given;
    }

    /** One of an enum's names, whatever the case; null for none. */
    static <E extends Enum<E>> @Nullable E one(String name, Class<E> type, @Nullable String given) {
        if (given == null || given.isBlank()) {
            return null;
        }
        try {
            return Enum.valueOf(type, given.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw ProblemException.badRequest(
                    "%s must be one of %s, found '%s'"
                            .formatted(name, Arrays.toString(type.getEnumConstants()), given));
        }
    }

    /** Any of an enum's names, repeated or separated by commas. */
    static <E extends Enum<E>> Set<E> some(
            String name, Class<E> type, @Nullable List<String> given) {
        Set<E> found = new LinkedHashSet<>();
        for (String each : given == null ? List.<String>of() : given) {
            for (String part : each.split(",", -1)) {
                E value = one(name, type, part);
                if (value != null) {
                    found.add(value);
                }
            }
        }
        return found;
    }
}
