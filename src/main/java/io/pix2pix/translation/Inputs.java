package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job's input images, in an order that is the same each time. Not thread-safe. */
interface Inputs extends AutoCloseable {
    /**
     * The entries from the first on, or those that come after what is planned already.
     *
     * @param planned how many are planned already
     * @param last the shard that holds the last of them; null when there is none
     */
    Walk walk(long planned, @Nullable ManifestShard last);

    /** What was looked through, for the message that there is nothing to do. */
    String nothingFound();

    @Override
    default void close() {}

    /** One pass over the entries. */
    interface Walk extends Iterator<ManifestEntry>, AutoCloseable {
        /** {@link OpenStems#firstKeys} after the entry that {@link #next} gave last. */
        List<String> openKeys();

        @Override
        void close();
    }
}
