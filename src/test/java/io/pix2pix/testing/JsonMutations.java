package io.pix2pix.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.pix2pix.event.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Damages JSON by its structure, and its text as {@link Mutations} does. */
public final class JsonMutations {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final List<String> TOKENS =
            List.of(
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"",
                    "null",
                    "true",
                    "\\u0000",
                    "\\ud800",
                    "\u0000",
                    "\\",
                    "1e999999999",
                    "-1e-999999999",
                    "1e400",
                    "NaN",
                    "-0",
                    "\"\":",
                    "{}",
                    "[]",
                    "9223372036854775808",
                    "\"type\":",
                    "\"jobId\":",
                    "//",
                    "/*",
                    "\ufeff");

    private final List<byte[]> seeds;
    private final List<JsonNode> trees;
    private final Mutations bytes =
            new Mutations(TOKENS.stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList());

    /**
     * @param seeds valid JSON texts
     */
    public JsonMutations(List<byte[]> seeds) {
        this.seeds = List.copyOf(seeds);
        this.trees = seeds.stream().map(JsonMutations::tree).toList();
    }

    /** One of the seeds, damaged. */
    public byte[] next(Random random) {
        if (random.nextInt(3) == 0) {
            return bytes.of(seeds, random);
        }
        JsonNode tree = trees.get(random.nextInt(trees.size())).deepCopy();
        int rounds = 1 + random.nextInt(3);
        for (int i = 0; i < rounds; i++) {
            mutate(tree, random);
        }
        byte[] json = text(tree).getBytes(StandardCharsets.UTF_8);
        return random.nextInt(4) == 0 ? bytes.of(List.of(json), random) : json;
    }

    private void mutate(JsonNode tree, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        JsonNode node = containers.get(random.nextInt(containers.size()));
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(6)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(string(random), value(random));
                case 2 -> object.set(name, donor(random));
                case 3 -> object.set(string(random), object.get(name).deepCopy());
                default -> object.set(name, value(random));
            }
        } else if (node instanceof ArrayNode array) {
            JsonNode value = random.nextBoolean() ? value(random) : donor(random);
            int copies =
                    value.isValueNode() && !value.isPojo() && random.nextInt(20) == 0 ? 1000 : 1;
            if (value.isTextual() && value.textValue().length() > 20) {
                copies = 1;
            }
            for (int i = 0; i < copies; i++) {
                array.add(value);
            }
        }
    }

    private JsonNode donor(Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(trees.get(random.nextInt(trees.size())), containers);
        return containers.get(random.nextInt(containers.size())).deepCopy();
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode value(Random random) {
        return switch (random.nextInt(14)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(random.nextInt());
            case 3 -> NODES.numberNode(random.nextLong());
            case 4 -> NODES.numberNode(random.nextInt(5) - 2);
            case 5 -> NODES.numberNode(Double.longBitsToDouble(random.nextLong()));
            case 6 -> NODES.numberNode(new BigDecimal(BigInteger.ONE, random.nextInt()));
            case 7 -> NODES.numberNode(BigInteger.TEN.pow(random.nextInt(2000)));
            case 8 -> NODES.arrayNode();
            case 9 -> NODES.objectNode();
            case 10 -> nested(random);
            default -> NODES.textNode(string(random));
        };
    }

    private static JsonNode nested(Random random) {
        int depth = random.nextInt(10) == 0 ? 2000 : 1 + random.nextInt(100);
        boolean arrays = random.nextBoolean();
        return NODES.rawValueNode(
                new RawValue(
                        (arrays ? "[" : "{\"a\":").repeat(depth)
                                + "1"
                                + (arrays ? "]" : "}").repeat(depth)));
    }

    private static String string(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> "";
            case 1 -> "x".repeat(1 + random.nextInt(1 << (random.nextInt(20) == 0 ? 15 : 9)));
            case 2 -> "s3://b/" + "a/".repeat(random.nextInt(100));
            case 3 -> "\ud83d\ude00\u0000\n\u2028";
            case 4 -> "s3://" + Character.toString(random.nextInt(0xD800)) + "/k";
            case 5 -> "2026-01-02T03:04:05.678Z";
            case 6 -> "-999999999-01-01T00:00:00Z";
            case 7 -> String.valueOf(random.nextLong());
            case 8 ->
                    List.of("type", "jobId", "job", "uri", "input", "failure")
                            .get(random.nextInt(6));
            default -> "w" + random.nextInt(10);
        };
    }

    private static String text(JsonNode tree) {
        try {
            return Json.mapper().writeValueAsString(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode tree(byte[] json) {
        try {
            return Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
