package io.pix2pix.translation;

import io.pix2pix.event.Json;
import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a translation job's bookkeeping says of its images, read page by page while the job runs or
 * after. Memory does not grow with the job. Safe for use by several threads.
 */
public final class JobResults {
    /** A page may end early rather than read more shards than this. */
    private static final int SHARDS_A_PAGE = 16;

    private static final int BLOCK = 1 << 20;
    private static final Pattern SHARD = Pattern.compile(".*/results/(\\d{5,9})\\.jsonl");
    private static final Pattern POSITION = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})");

    private final ObjectStore store;
    private final JobLayout layout;

    public JobResults(ObjectStore store, TranslationJob job) {
        this.store = store;
        this.layout = JobLayout.of(job);
    }

    /**
     * @param next where the next page begins; null after the last one. A page may be empty and yet
     *     have a next one.
     */
    public record Page(List<TranslationResult> results, @Nullable String next) {}

    /**
     * Committed results, shard by shard.
     *
     * @param outcome only these; null: all
     * @param from what the page before gave as {@code next}; null: the beginning
     * @param limit results a page, at least 1
     * @throws IllegalArgumentException when {@code from} is none
     */
    public Page results(@Nullable Outcome outcome, @Nullable String from, int limit) {
        int shard = from == null ? 0 : position(from, 1);
        int index = from == null ? 0 : position(from, 2);
        List<TranslationResult> page = new ArrayList<>();
        int shards = 0;
        // Keys come in order of their text: the same order whenever it is asked for.
        try (Stream<StoredObject> objects = listFrom(shard)) {
            Iterator<StoredObject> each = objects.iterator();
            while (each.hasNext()) {
                Matcher name = SHARD.matcher(each.next().uri().key());
                if (!name.matches()) {
                    continue;
                }
                int found = Integer.parseInt(name.group(1));
                if (shards++ == SHARDS_A_PAGE) {
                    return new Page(page, found + ".0");
                }
                List<TranslationResult> results = committed(found);
                for (int i = found == shard ? index : 0; i < results.size(); i++) {
                    TranslationResult result = results.get(i);
                    if (outcome == null || result.outcome() == outcome) {
                        if (page.size() == limit) {
                            return new Page(page, found + "." + i);
                        }
                        page.add(result);
                    }
                }
            }
        }
        return new Page(page, null);
    }

    /** As {@link #results}, of a job whose report is written: from its list of failures. */
    public Page failures(@Nullable String from, int limit) {
        long offset = from == null ? 0 : offset(from);
        long size = store.head(layout.failures()).map(StoredObject::size).orElse(0L);
        if (offset >= size) {
            return new Page(List.of(), null);
        }
        byte[] block = store.readRange(layout.failures(), offset, BLOCK);
        List<TranslationResult> page = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < block.length && page.size() < limit; i++) {
            if (block[i] == '\n') {
                page.add(Json.read(Arrays.copyOfRange(block, begin, i), TranslationResult.class));
                begin = i + 1;
            }
        }
        long next = offset + begin;
        return new Page(page, next < size ? Long.toString(next) : null);
    }

    private List<TranslationResult> committed(int shard) {
        return new ShardResults(store, layout).read(shard).results();
    }

    /** The shard's committed results; empty before. */
    public Optional<List<TranslationResult>> shard(int shard) {
        return new ShardResults(store, layout).find(shard).map(ShardResults.Stored::results);
    }

    /** The shard's inputs; empty until it is planned. */
    public Optional<List<ManifestEntry>> inputs(int shard) {
        try {
            return Optional.of(new Manifest(store, layout).read(shard).entries());
        } catch (FailureException e) {
            if (e.failure().code().equals("NOT_FOUND")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Stream<StoredObject> listFrom(int shard) {
        String first = layout.results(shard).key();
        S3Uri results =
                new S3Uri(layout.output().bucket(), first.substring(0, first.lastIndexOf('/') + 1));
        // Without its ending the name comes right before the shard's own.
        return store.list(results, first.substring(0, first.length() - ".jsonl".length()));
    }

    private static int position(String from, int part) {
        Matcher position = POSITION.matcher(from);
        if (!position.matches()) {
            throw new IllegalArgumentException("no position in the results: '" + from + "'");
        }
        return Integer.parseInt(position.group(part));
    }

    private static long offset(String from) {
        if (!from.matches("\\d{1,15}")) {
            throw new IllegalArgumentException("no position in the failures: '" + from + "'");
        }
        return Long.parseLong(from);
    }
}
