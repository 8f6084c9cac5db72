package io.pix2pix.tracking;

import io.pix2pix.event.Json;
import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TaskEvent.Arrival;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What arrived for standing jobs: each key's latest version, so that a notification that comes
 * again or late is known, and the images of the shards that are not done.
 */
final class Arrivals {
    // Neither occurs in a jobId.
    private static final String SEEN = "/seen/";
    private static final String SHARD = "/shard/";

    private record Version(@Nullable String etag, String sequencer) {}

    private final KeyValueStore<String, byte[]> store;

    Arrivals(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    /** Whether this version of the object is new to the job, which it then is no longer. */
    boolean isNews(String jobId, Arrival arrival) {
        String key = jobId + SEEN + arrival.entry().uri();
        byte[] known = store.get(key);
        Version now = new Version(arrival.entry().etag(), arrival.sequencer());
        if (known != null) {
            Version before = Json.read(known, Version.class);
            if (isSame(before, now) || isOlder(now.sequencer(), before.sequencer())) {
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

    /** The job is done. */
    void drop(String jobId) {
        below(jobId + SEEN).forEach(each -> store.delete(each.key));
        below(jobId + SHARD).forEach(each -> store.delete(each.key));
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
