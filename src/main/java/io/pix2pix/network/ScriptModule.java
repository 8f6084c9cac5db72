package io.pix2pix.network;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A TorchScript module before it is packed: its methods and its tensors.
 *
 * @param methods source in PyTorch's serialized dialect, indented by two; {@code self} is {@link
 *     #TYPE}
 * @param tensors by state-dict key; a dot leads into a submodule. In the order of the state dict
 * @param buffers the keys that are no parameters
 */
public record ScriptModule(String methods, Map<String, Tensor> tensors, Set<String> buffers) {
    /** The root module's type. */
    public static final String TYPE = "__torch__.Generator";

    public ScriptModule {
        tensors = new LinkedHashMap<>(tensors);
        buffers = Set.copyOf(buffers);
    }

    /** How a method reads the tensor with this key. */
    public static String reference(String key) {
        String expression = "self";
        for (String part : key.split("\\.", -1)) {
            // A child named by a number is no identifier.
            boolean number = Character.isDigit(part.charAt(0));
            expression =
                    number
                            ? "getattr(%s, \"%s\")".formatted(expression, part)
                            : expression + "." + part;
        }
        return expression;
    }
}
