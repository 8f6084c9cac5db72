package io.pix2pix.dataset;

import io.pix2pix.event.TrainingJob.Layout;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.ImageSize;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads headers and says which pairs do not fit. Safe for use by many threads. */
final class Headers {
    /** Most files tell their size in it; the others are read whole. */
    private static final int HEAD = 32 << 10;

    /** A smaller picture is an icon or a mistake, not something to learn from. */
    private static final int SMALLEST_SIDE = 8;

    private final ObjectStore store;
    private final Decoder decoder;
    private final long maxBytes;
    private final Misfits misfits;

    Headers(ObjectStore store, Decoder decoder, long maxBytes, Misfits misfits) {
        this.store = store;
        this.decoder = decoder;
        this.maxBytes = maxBytes;
        this.misfits = misfits;
    }

    /**
     * @throws FailureException when a file cannot be read, for other reasons than what is in it
     */
    void check(S3Uri prefix, SourcePair pair, Layout layout) {
        S3Uri a = prefix.resolve(pair.a().name());
        ImageSize sizeA = size(a, pair.a());
        switch (layout) {
            case SIDE_BY_SIDE -> {
                if (sizeA != null) {
                    checkHalves(a, sizeA);
                }
            }
            case FOLDERS -> {
                S3Uri b = prefix.resolve(pair.b().name());
                ImageSize sizeB = size(b, pair.b());
                if (sizeA != null && sizeB != null) {
                    checkEqual(a, sizeA, b, sizeB);
                }
            }
        }
    }

    private void checkHalves(S3Uri file, ImageSize size) {
        if (size.width() % 2 != 0) {
            misfits.add(
                    file.toString(),
                    "expected two halves of equal width, found an odd width: " + size);
        } else {
            checkSmallest(file, new ImageSize(size.width() / 2, size.height()));
        }
    }

    private void checkEqual(S3Uri a, ImageSize sizeA, S3Uri b, ImageSize sizeB) {
        if (!sizeA.equals(sizeB)) {
            misfits.add(
                    a.toString(),
                    "expected the size of its other half %s, %s, found %s"
                            .formatted(b, sizeB, sizeA));
        } else {
            checkSmallest(a, sizeA);
        }
    }

    private void checkSmallest(S3Uri file, ImageSize picture) {
        if (Math.min(picture.width(), picture.height()) < SMALLEST_SIDE) {
            misfits.add(
                    file.toString(),
                    "expected pictures of at least %d pixels a side, found %s"
                            .formatted(SMALLEST_SIDE, picture));
        }
    }

    /** Null where the file is no picture; that is noted. */
    private @Nullable ImageSize size(S3Uri uri, SourceFile file) {
        if (file.size() > maxBytes) {
            misfits.add(
                    uri.toString(),
                    "expected at most %d bytes, found %d".formatted(maxBytes, file.size()));
            return null;
        }
        try {
            byte[] head = file.size() == 0 ? new byte[0] : store.readHead(uri, HEAD);
            Optional<ImageSize> size = decoder.size(head, file.size());
            return size.isPresent() ? size.get() : ofWhole(uri);
        } catch (FailureException e) {
            boolean ofFile = e.failure().stage() == Stage.DECODE && !e.failure().retriable();
            if (ofFile) {
                misfits.add(uri.toString(), e.failure().message());
                return null;
            }
            if (e.failure().code().equals("NOT_FOUND")) {
                throw Failures.retriable(
                        Failures.CHANGED, uri + " was deleted while the dataset was being checked");
            }
            throw Failures.of(e, "");
        }
    }

    private ImageSize ofWhole(S3Uri uri) {
        byte[] file = store.read(uri, maxBytes).bytes();
        return decoder.size(file, file.length).orElseThrow();
    }
}
