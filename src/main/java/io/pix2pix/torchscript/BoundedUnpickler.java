package io.pix2pix.torchscript;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads a pickle of dictionaries, lists, numbers, text and what subclasses make of names, within
 * bounds.
 *
 * <p>A pickle is a program. Here only a few of its opcodes are run, none of which calls anything
 * but a constructor that a subclass gives; text is bounded, and so are the steps, where copying a
 * collection takes as many as it has members: an object that is remembered may be copied any number
 * of times. Another opcode is a {@link RefusedException}; whatever else is wrong with a pickle
 * comes out as an {@link IOException} or a {@link RuntimeException}.
 */
abstract class BoundedUnpickler extends Unpickler {
    /** The most bytes of a pickle; one of ten thousand tensors has 3 MB. */
    static final int MAX_PICKLE = 16 << 20;

    private static final int MAX_STEPS = 2_000_000;
    private static final int MAX_LINE = 1 << 10;

    private static final Set<Short> OPCODES =
            Set.of(
                    Opcodes.MARK,
                    Opcodes.STOP,
                    Opcodes.POP,
                    Opcodes.NONE,
                    Opcodes.NEWTRUE,
                    Opcodes.NEWFALSE,
                    Opcodes.BININT,
                    Opcodes.BININT1,
                    Opcodes.BININT2,
                    Opcodes.LONG1,
                    Opcodes.BINFLOAT,
                    Opcodes.SHORT_BINSTRING,
                    Opcodes.SHORT_BINUNICODE,
                    Opcodes.EMPTY_LIST,
                    Opcodes.APPEND,
                    Opcodes.EMPTY_TUPLE,
                    Opcodes.TUPLE,
                    Opcodes.TUPLE1,
                    Opcodes.TUPLE2,
                    Opcodes.TUPLE3,
                    Opcodes.BINGET,
                    Opcodes.LONG_BINGET,
                    Opcodes.BINPUT,
                    Opcodes.LONG_BINPUT,
                    Opcodes.MEMOIZE,
                    Opcodes.BINPERSID,
                    Opcodes.REDUCE,
                    Opcodes.NEWOBJ,
                    Opcodes.PROTO,
                    Opcodes.FRAME);

    private final int maxString;
    private int steps;

    /**
     * @param maxString bytes that a text may have
     */
    BoundedUnpickler(int maxString) {
        this.maxString = maxString;
    }

    /** The pickle holds something that it has no business holding. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String what) {
            super(what);
        }
    }

    /** What a global name stands for: an {@code IObjectConstructor} or a value. */
    abstract Object named(String module, String name);

    /** What stands for a dictionary's key; its hash must not depend on what it holds. */
    abstract Object key(Object key);

    /** Gives an object its state; what changes is counted by {@link #step(int)}. */
    abstract void build(Object target, Object state);

    @Override
    public Object load(InputStream stream) throws IOException {
        steps = 0;
        return super.load(stream);
    }

    /** Counts work beside that for each opcode. */
    final void step(int count) {
        steps += count;
        if (steps > MAX_STEPS || steps < 0) {
            throw new RefusedException("a pickle of more than " + MAX_STEPS + " steps");
        }
    }

    @Override
    protected final Object dispatch(short opcode) throws IOException {
        step(1);
        switch (opcode) {
            case Opcodes.GLOBAL -> {
                String module = line();
                stack.add(named(module, line()));
            }
            case Opcodes.STACK_GLOBAL -> {
                String name = (String) stack.pop();
                stack.add(named((String) stack.pop(), name));
            }
            case Opcodes.BINUNICODE, Opcodes.BINSTRING -> stack.add(string());
            case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<Object, Object>());
            case Opcodes.SETITEM -> {
                Object value = stack.pop();
                put(List.of(stack.pop(), value));
            }
            case Opcodes.SETITEMS -> put(stack.pop_all_since_marker());
            case Opcodes.APPENDS -> {
                // The library's own copies the whole list each time.
                List<Object> items = stack.pop_all_since_marker();
                @SuppressWarnings("unchecked")
                List<Object> target = (ArrayList<Object>) stack.peek();
                target.addAll(items);
            }
            case Opcodes.BUILD -> {
                Object state = stack.pop();
                build(stack.peek(), state);
            }
            default -> {
                if (!OPCODES.contains(opcode)) {
                    throw new RefusedException("pickle opcode 0x" + Integer.toHexString(opcode));
                }
                return super.dispatch(opcode);
            }
        }
        return NO_RETURN_VALUE;
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = input.read(); c != '\n'; c = input.read()) {
            if (c < 0 || text.length() > MAX_LINE) {
                throw new IOException("A name in the pickle has no end");
            }
            text.append((char) c);
        }
        return text.toString();
    }

    private String string() throws IOException {
        int length = PickleUtils.bytes_to_integer(PickleUtils.readbytes(input, 4));
        if (length < 0 || length > maxString) {
            throw new RefusedException("a string of " + length + " bytes");
        }
        return new String(PickleUtils.readbytes(input, length), StandardCharsets.UTF_8);
    }

    private void put(List<Object> items) {
        @SuppressWarnings("unchecked")
        Map<Object, Object> target = (Map<Object, Object>) stack.peek();
        for (int i = 0; i < items.size(); i += 2) {
            target.put(key(items.get(i)), items.get(i + 1));
        }
    }
}
