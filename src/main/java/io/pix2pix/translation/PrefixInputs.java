package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The objects below a prefix, as they are listed: once, in the order of their keys. */
final class PrefixInputs implements Inputs {
    /** Objects between two looks at whether to go on: few of them may be inputs. */
    private static final int OBJECTS_A_LOOK = 1000;

    private final Planner.Lister lister;
    private final S3Uri prefix;
    private final InputFilter filter;
    private final OutputKeys outputs;
    private final PlanListener listener;
    private long seen;

    PrefixInputs(
            Planner.Lister lister,
            S3Uri prefix,
            InputFilter filter,
            OutputKeys outputs,
            PlanListener listener) {
        this.lister = lister;
        this.prefix = prefix;
        this.filter = filter;
        this.outputs = outputs;
        this.listener = listener;
    }

    @Override
    public Walk walk(long planned, @Nullable ManifestShard last) {
        String lastKey = last == null ? null : S3Uri.parse(last.lastEntry().uri()).key();
        return new Listing(lastKey, last == null ? List.of() : last.openKeys());
    }

    @Override
    public String nothingFound() {
        return "No input image below %s: %d objects seen, none fits %s"
                .formatted(prefix, seen, filter);
    }

    private String below(StoredObject object) {
        return object.uri().key().substring(prefix.key().length());
    }

    private final class Listing implements Walk {
        private final Stream<StoredObject> stream;
        private final Iterator<StoredObject> objects;
        private final OpenStems stems;
        private @Nullable String previousKey;
        private @Nullable StoredObject next;

        Listing(@Nullable String lastKey, List<String> openKeys) {
            previousKey = lastKey;
            stems = new OpenStems(openKeys);
            try {
                stream = lister.list(prefix, lastKey);
                objects = stream.iterator();
            } catch (FailureException e) {
                throw Failures.at(Stage.PLAN, e, "input.uri: ");
            }
        }

        @Override
        public boolean hasNext() {
            try {
                while (next == null && objects.hasNext()) {
                    StoredObject object = objects.next();
                    seen++;
                    if (seen % OBJECTS_A_LOOK == 0 && listener.stopRequested()) {
                        throw new TaskStoppedException("listing " + prefix, 0);
                    }
                    checkOrder(object.uri().key());
                    next = filter.accepts(below(object)) ? object : null;
                }
                return next != null;
            } catch (FailureException e) {
                throw Failures.at(Stage.PLAN, e, "input.uri: ");
            }
        }

        @Override
        public ManifestEntry next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            StoredObject object = next;
            next = null;
            String first = stems.add(below(object));
            return outputs.entry(
                    object.uri(),
                    object.etag(),
                    object.size(),
                    below(object),
                    first == null ? null : prefix.resolve(first));
        }

        @Override
        public List<String> openKeys() {
            return stems.firstKeys();
        }

        @Override
        public void close() {
            stream.close();
        }

        /** Resuming and finding collisions both rest on the order that S3 promises. */
        private void checkOrder(String key) {
            if (previousKey != null && compareUtf8(previousKey, key) >= 0) {
                throw Failures.permanent(
                        Stage.PLAN,
                        "LISTING_UNORDERED",
                        "The storage lists '%s' after '%s' below %s; expected the order of their UTF-8 bytes, as S3 general purpose buckets have it"
                                .formatted(key, previousKey, prefix));
            }
            previousKey = key;
        }
    }

    /** The order of UTF-8 bytes, which is that of code points, not of Java's chars. */
    static int compareUtf8(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean oneSurrogate = Character.isSurrogate(x) != Character.isSurrogate(y);
                int order = Character.compare(x, y);
                // Surrogates stand for code points beyond those of every other char.
                return oneSurrogate ? (Character.isSurrogate(x) ? 1 : -1) : order;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
