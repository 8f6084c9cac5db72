package io.pix2pix.dataset;

import io.pix2pix.event.TrainingJob.Direction;
import io.pix2pix.event.TrainingJob.Layout;
import io.pix2pix.failure.FailureException;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Region;
import io.pix2pix.image.Resize;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;

/**
 * From a pair's files in storage to its pictures: fetched, decoded, and resized bicubic whatever
 * their shape, as the reference does. Safe for use by many threads.
 */
final class PairReader {
    private final ObjectStore store;
    private final Decoder decoder;
    private final long maxBytes;

    PairReader(ObjectStore store, DatasetConfig config) {
        this.store = store;
        this.decoder = new Decoder(config.maxImagePixels());
        this.maxBytes = config.maxImageBytes();
    }

    /**
     * @throws FailureException stage DATASET, naming the file: DATASET_CHANGED, or what the storage
     *     or the decoder says
     */
    PixelPair read(S3Uri prefix, SourcePair pair, PairForm form) {
        Pixels a;
        Pixels b;
        if (form.layout() == Layout.SIDE_BY_SIDE) {
            int channels = Math.max(form.inputChannels(), form.outputChannels());
            byte[] file = fetch(prefix, pair.a());
            Pixels both = decode(prefix, pair.a(), file, channels);
            requireEven(prefix, pair.a(), both);
            a = half(prefix, pair.a(), file, both, Region.LEFT, form.channelsOfA());
            b = half(prefix, pair.a(), file, both, Region.RIGHT, form.channelsOfB());
        } else {
            a = decode(prefix, pair.a(), fetch(prefix, pair.a()), form.channelsOfA());
            b = decode(prefix, pair.b(), fetch(prefix, pair.b()), form.channelsOfB());
            requireEqual(prefix, pair, a, b);
        }
        Pixels resizedA = Resize.bicubic(a, form.side(), form.side());
        Pixels resizedB = Resize.bicubic(b, form.side(), form.side());
        return form.direction() == Direction.A_TO_B
                ? new PixelPair(resizedA, resizedB)
                : new PixelPair(resizedB, resizedA);
    }

    /** Only where one half is gray and the other is not does the file have to be decoded again. */
    private Pixels half(
            S3Uri prefix, SourceFile name, byte[] file, Pixels both, Region region, int channels) {
        return region.of(both.channels() == channels ? both : decode(prefix, name, file, channels));
    }

    private byte[] fetch(S3Uri prefix, SourceFile file) {
        S3Uri uri = prefix.resolve(file.name());
        ObjectStore.Content content;
        try {
            content = store.read(uri, maxBytes);
        } catch (FailureException e) {
            if (e.failure().code().equals("NOT_FOUND")) {
                throw Failures.permanent(
                        Failures.CHANGED,
                        "The dataset changed while the job was running: %s was deleted"
                                .formatted(uri));
            }
            throw Failures.of(e, "");
        }
        if (!content.object().etag().equals(file.etag())) {
            throw Failures.permanent(
                    Failures.CHANGED,
                    "The dataset changed while the job was running: %s was replaced (entity tag %s, expected %s)"
                            .formatted(uri, content.object().etag(), file.etag()));
        }
        return content.bytes();
    }

    private Pixels decode(S3Uri prefix, SourceFile name, byte[] file, int channels) {
        try {
            return decoder.decode(file, channels);
        } catch (FailureException e) {
            throw Failures.of(e, prefix.resolve(name.name()) + ": ");
        }
    }

    /** The check before the job saw this too, unless the file tells of a turn behind its pixels. */
    private static void requireEven(S3Uri prefix, SourceFile file, Pixels both) {
        if (both.width() % 2 != 0) {
            throw Failures.permanent(
                    "BAD_PAIRS",
                    "%s: expected two halves of equal width, found %s"
                            .formatted(prefix.resolve(file.name()), both));
        }
    }

    private static void requireEqual(S3Uri prefix, SourcePair pair, Pixels a, Pixels b) {
        if (a.width() != b.width() || a.height() != b.height()) {
            throw Failures.permanent(
                    "BAD_PAIRS",
                    "%s: expected the size of its other half %s, %s, found %s"
                            .formatted(
                                    prefix.resolve(pair.a().name()),
                                    prefix.resolve(pair.b().name()),
                                    b,
                                    a));
        }
    }
}
