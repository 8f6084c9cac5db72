package io.pix2pix.network;

/** Lines of a method in PyTorch's serialized dialect, each value under a fresh name. */
final class Source {
    private final StringBuilder lines = new StringBuilder();
    private int values;

    /** A line as it is. */
    void line(String line) {
        lines.append("    ").append(line).append('\n');
    }

    /** Gives an expression a name. */
    String set(String expression) {
        String name = "v" + values++;
        line(name + " = " + expression);
        return name;
    }

    @Override
    public String toString() {
        return lines.toString();
    }
}
