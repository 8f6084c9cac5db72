package io.pix2pix.dataset;

import io.pix2pix.storage.S3Uri;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The pictures of one set of pairs in one form, decoded once and kept: in memory while the budget
 * lasts, the others on the local disk, and what has no room there is decoded each time.
 *
 * <p>Which pairs stay in memory is first come, first kept: an epoch needs each of them once, so
 * none deserves it more. Safe for use by many threads.
 */
final class KeptPairs implements AutoCloseable {
    private static final int LOCKS = 256;

    private final PairSet set;
    private final PairForm form;
    private final PairReader reader;
    private final MemoryBudget memory;
    private final DiskCache.Folder disk;
    private final ExecutorService fetchers;
    private final AtomicReferenceArray<@Nullable PixelPair> kept;
    private final AtomicLong bytes = new AtomicLong();
    private final List<Object> locks = Stream.generate(Object::new).limit(LOCKS).toList();

    /**
     * @param fetchers where pairs that are not in memory are read; not closed here
     */
    KeptPairs(
            PairSet set,
            PairForm form,
            PairReader reader,
            MemoryBudget memory,
            DiskCache disk,
            ExecutorService fetchers) {
        this.set = set;
        this.form = form;
        this.reader = reader;
        this.memory = memory;
        this.disk = disk.open(hash(set.prefix().toString(), form.toString()));
        this.fetchers = fetchers;
        this.kept = new AtomicReferenceArray<>(set.pairs().size());
    }

    int size() {
        return kept.length();
    }

    String name(int index) {
        return set.pairs().get(index).name();
    }

    /** Fails with the FailureException of {@link PairReader#read}. */
    Future<PixelPair> get(int index) {
        PixelPair here = kept.get(index);
        return here != null
                ? CompletableFuture.completedFuture(here)
                : fetchers.submit(() -> load(index));
    }

    /** One thread reads a pair, others that want the same one wait and find it kept. */
    private PixelPair load(int index) {
        synchronized (locks.get(index % locks.size())) {
            PixelPair here = kept.get(index);
            return here != null ? here : read(index);
        }
    }

    private PixelPair read(int index) {
        SourcePair source = set.pairs().get(index);
        String key = key(set.prefix(), source);
        PixelPair stored = disk.read(key);
        PixelPair pair = stored != null ? stored : reader.read(set.prefix(), source, form);
        if (memory.take(pair.bytes())) {
            kept.set(index, pair);
            bytes.addAndGet(pair.bytes());
        } else if (stored == null) {
            disk.write(key, pair);
        }
        return pair;
    }

    private String key(S3Uri prefix, SourcePair pair) {
        return hash(
                prefix.toString(),
                form.toString(),
                pair.a().name(),
                pair.a().etag(),
                pair.b().name(),
                pair.b().etag());
    }

    private static String hash(String... parts) {
        MessageDigest digest = DatasetFiles.sha256();
        for (String part : parts) {
            digest.update(part.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    /** No thread may be reading any more. */
    @Override
    public void close() {
        memory.giveBack(bytes.getAndSet(0));
        disk.close();
    }
}
