package io.pix2pix.tracking;

import io.pix2pix.event.Json;
import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TaskEvent.Arrival;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What arrived for standing jobs: each key's latest version, so that a notification that comes
 * again or late is known, and the images of the shards that are not done.
 *
 * <p>It holds a key for each object of jobs that may run for years, so it forgets: a few keys at a
 * time, for whatever changes together is one transaction, which the broker gives ten seconds.
 */
final class Arrivals implements AutoCloseable {
    /** Keys that are looked at in one go. */
    static final int MOST = 10_000;

    // Neither occurs in a jobId.
    private static final String SEEN = "/seen/";
    private static final String SHARD = "/shard/";

    /**
     * @param at when it was first told of; null in what an earlier version wrote
     */
    private record Version(@Nullable String etag, String sequencer, @Nullable Instant at) {}

    private final KeyValueStore<String, byte[]> store;

    /** Where the round through all keys is; null between two rounds. */
    private @Nullable KeyValueIterator<String, byte[]> round;

    Arrivals(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    /** Whether this version of the object is new to the job, which it then is no longer. */
    boolean isNews(String jobId, Arrival arrival, Instant at) {
        String key = jobId + SEEN + arrival.entry().uri();
        byte[] known = store.get(key);
        Version now = new Version(arrival.entry().etag(), arrival.sequencer(), at);
        if (known != null) {
            Version before = Json.read(known, Version.class);
            if (isSame(before, now)) {
                // What was written between the two writes of the same is older than the second.
                if (isOlder(before.sequencer(), now.sequencer())) {
                    store.put(key, Json.write(now));
                }
                return false;
            } else if (isOlder(now.sequencer(), before.sequencer())) {
                return false;
            }
        }
        store.put(key, Json.write(now));
        return true;
    }

    private static boolean isSame(Version a, Version b) {
        return Objects.equals(a.etag(), b.etag())
                && (a.etag() != null || a.sequencer().equals(b.sequencer()));
    }

    /** By S3's rule: compared as text, the shorter one with zeros put behind it. */
    static boolean isOlder(String sequencer, String than) {
        if (sequencer.isEmpty() || than.isEmpty()) {
            return false;
        }
        int length = Math.max(sequencer.length(), than.length());
        return padded(sequencer, length).compareTo(padded(than, length)) < 0;
    }

    private static String padded(String sequencer, int length) {
        return sequencer + "0".repeat(length - sequencer.length());
    }

    /** Keeps an image of a shard, the indices going up from 0. */
    void put(String jobId, int shard, int index, ManifestEntry entry) {
        store.put(prefix(jobId, shard) + "%04d".formatted(index), Json.write(entry));
    }

    /** A shard's images in the order of their indices. */
    List<ManifestEntry> shard(String jobId, int shard) {
        List<ManifestEntry> entries = new ArrayList<>();
        for (KeyValue<String, byte[]> each : below(prefix(jobId, shard))) {
            entries.add(Json.read(each.value, ManifestEntry.class));
        }
        return entries;
    }

    /** The shard is done. */
    void drop(String jobId, int shard) {
        below(prefix(jobId, shard)).forEach(each -> store.delete(each.key));
    }

    /** Begins a round through all keys, unless one is under way; {@link #forget} goes it. */
    void beginRound() {
        // The iterator has the keys of this moment and reads their values as it comes to them, so
        // the store may change meanwhile; to seek one's place again would list the keys each time.
        round = round == null ? store.all() : round;
    }

    /**
     * Goes on with the round, by {@value #MOST} keys at most: forgets what arrived for jobs that
     * have ended, and what was seen so long ago that nobody will tell of it again.
     *
     * @param isUnfinished asked of a jobId
     * @param before what was seen earlier is forgotten
     */
    void forget(Predicate<String> isUnfinished, Instant now, Instant before) {
        KeyValueIterator<String, byte[]> keys = round;
        for (int i = 0; i < MOST && keys != null; i++) {
            if (keys.hasNext()) {
                KeyValue<String, byte[]> each = keys.next();
                if (each.value != null) {
                    look(each.key, each.value, isUnfinished, now, before);
                }
            } else {
                close();
                keys = null;
            }
        }
    }

    private void look(
            String key, byte[] value, Predicate<String> isUnfinished, Instant now, Instant before) {
        String jobId = key.substring(0, key.indexOf('/'));
        if (!isUnfinished.test(jobId)) {
            store.delete(key);
        } else if (key.startsWith(SEEN, jobId.length())) {
            Version seen = Json.read(value, Version.class);
            if (seen.at() == null) {
                store.put(key, Json.write(new Version(seen.etag(), seen.sequencer(), now)));
            } else if (seen.at().isBefore(before)) {
                store.delete(key);
            }
        }
    }

    /** Ends the round, wherever it is. */
    @Override
    public void close() {
        if (round != null) {
            round.close();
            round = null;
        }
    }

    private static String prefix(String jobId, int shard) {
        return jobId + SHARD + "%09d/".formatted(shard);
    }

    private List<KeyValue<String, byte[]>> below(String prefix) {
        List<KeyValue<String, byte[]>> found = new ArrayList<>();
        // The prefix ends in a slash, and a zero is the character after it.
        String end = prefix.substring(0, prefix.length() - 1) + "0";
        try (KeyValueIterator<String, byte[]> range = store.range(prefix, end)) {
            while (range.hasNext()) {
                KeyValue<String, byte[]> each = range.next();
                if (each.key.startsWith(prefix)) {
                    found.add(each);
                }
            }
        }
        return found;
    }
}
