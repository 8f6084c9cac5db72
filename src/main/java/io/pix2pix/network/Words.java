package io.pix2pix.network;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The names that constants have in files and on the command line. */
final class Words {
    private Words() {}

    /**
     * The constant with this name.
     *
     * @param what what is being chosen, for the message
     * @throws IllegalArgumentException when there is none
     */
    static <E> E parse(String what, E[] values, Function<E, String> name, String word) {
        return Arrays.stream(values)
                .filter(each -> name.apply(each).equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "Expected %s %s, found '%s'"
                                                .formatted(
                                                        what,
                                                        Arrays.stream(values)
                                                                .map(name)
                                                                .collect(
                                                                        Collectors.joining(" or ")),
                                                        word)));
    }
}
