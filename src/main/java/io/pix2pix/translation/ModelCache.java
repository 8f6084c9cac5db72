package io.pix2pix.translation;

import io.pix2pix.engine.Generator;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Normalization;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.translation.ModelFiles.ModelFile;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The models loaded on one device. A model that a task uses stays; of the others the least recently
 * used are closed, as soon as there are more than allowed.
 *
 * <p>Safe for use by several threads; they wait for each other's loading, since a device has no
 * room for two halves.
 */
public final class ModelCache implements AutoCloseable {
    private record Key(S3Uri uri, String etag, @Nullable Normalization normalization) {}

    private static final class Loaded {
        final Generator generator;
        final String sha256;
        int users;

        Loaded(Generator generator, String sha256) {
            this.generator = generator;
            this.sha256 = sha256;
        }
    }

    private final ModelFiles files;
    private final GeneratorLoader loader;
    private final int capacity;
    private final Map<Key, Loaded> models = new LinkedHashMap<>(16, 0.75f, true);
    private volatile int loaded;
    private boolean closed;

    /**
     * @param capacity loaded models, at least 1; more while more are in use
     */
    public ModelCache(ModelFiles files, GeneratorLoader loader, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("Capacity " + capacity);
        }
        this.files = files;
        this.loader = loader;
        this.capacity = capacity;
    }

    /** A model in use; close it when the task is done with it. */
    final class Lease implements AutoCloseable {
        private final Loaded loaded;
        private boolean released;

        private Lease(Loaded loaded) {
            this.loaded = loaded;
        }

        Generator generator() {
            return loaded.generator;
        }

        /** Of the model's file, in hex. */
        String sha256() {
            return loaded.sha256;
        }

        @Override
        public void close() {
            synchronized (ModelCache.this) {
                if (!released) {
                    released = true;
                    loaded.users--;
                    evict(capacity);
                }
            }
        }
    }

    /**
     * The model as it is in storage now, loaded.
     *
     * @throws io.pix2pix.failure.FailureException stage MODEL; permanent: the job cannot be done
     */
    Lease acquire(TranslationJob.Model model) {
        StoredObject object = files.find(S3Uri.parse(model.uri()));
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("The model cache is closed");
            }
            Key key = new Key(object.uri(), object.etag(), model.normalization());
            Loaded loaded = models.get(key);
            if (loaded == null) {
                evict(capacity - 1);
                long start = System.nanoTime();
                loaded = load(object, model.normalization());
                TranslationMetrics.modelLoaded(System.nanoTime() - start);
                models.put(key, loaded);
                this.loaded = models.size();
            }
            loaded.users++;
            return new Lease(loaded);
        }
    }

    /** How many are on the device; does not wait for one that is being loaded. */
    int loaded() {
        return loaded;
    }

    private Loaded load(StoredObject object, @Nullable Normalization normalization) {
        ModelFile file = files.fetch(object);
        try {
            return new Loaded(onDevice(file, normalization), file.sha256());
        } catch (FailureException e) {
            throw named(object, file, e);
        }
    }

    /** Loads it; where memory is short, once more with nothing unused beside it. */
    private Generator onDevice(ModelFile file, @Nullable Normalization normalization) {
        try {
            return loader.load(file.path(), normalization);
        } catch (FailureException e) {
            boolean noMemory = e.failure().code().equals(BatchRun.OUT_OF_MEMORY);
            if (!noMemory || !evict(0)) {
                throw e;
            }
            return loader.load(file.path(), normalization);
        }
    }

    /** Closes what no task uses now, to make room; says whether there was any. */
    synchronized boolean releaseUnused() {
        return evict(0);
    }

    /** The loader knows the local file only, which is nothing to its user. */
    private static FailureException named(StoredObject object, ModelFile file, FailureException e) {
        Failure failure = e.failure();
        String message = failure.message().replace(file.path().toString(), object.uri().toString());
        return new FailureException(
                new Failure(
                        Stage.MODEL, failure.code(), "model.uri: " + message, failure.retriable()),
                e);
    }

    /** Closes unused models, the longest unused first, until so many are left; says if any. */
    private boolean evict(int left) {
        boolean some = false;
        Iterator<Loaded> eldestFirst = models.values().iterator();
        while ((closed || models.size() > left) && eldestFirst.hasNext()) {
            Loaded model = eldestFirst.next();
            if (model.users == 0) {
                eldestFirst.remove();
                model.generator.close();
                TranslationMetrics.modelEvicted();
                some = true;
            }
        }
        loaded = models.size();
        return some;
    }

    /** Closes what is unused now, and the rest when its users are done. */
    @Override
    public synchronized void close() {
        closed = true;
        evict(0);
    }
}
