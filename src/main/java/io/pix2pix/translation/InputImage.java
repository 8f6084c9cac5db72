package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.storage.S3Uri;
import org.jspecify.annotations.Nullable;

/** An image on its way through a task; it remembers which content was read. */
final class InputImage {
    private final int index;
    private final ManifestEntry entry;
    private volatile @Nullable String etag;

    InputImage(int index, ManifestEntry entry) {
        this.index = index;
        this.entry = entry;
        this.etag = entry.etag();
    }

    /** Position in the shard. */
    int index() {
        return index;
    }

    ManifestEntry entry() {
        return entry;
    }

    S3Uri input() {
        return S3Uri.parse(entry.uri());
    }

    S3Uri output() {
        if (entry.output() == null) {
            throw new IllegalStateException("No output: " + entry);
        }
        return S3Uri.parse(entry.output());
    }

    /** The input's entity tag as it was read or, until then, as it was listed. */
    @Nullable String etag() {
        return etag;
    }

    void wasRead(String readEtag) {
        etag = readEtag;
    }
}
