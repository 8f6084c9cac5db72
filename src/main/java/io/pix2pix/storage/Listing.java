package io.pix2pix.storage;

import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Walks a listing, asking for the next page when the last one is used up. One thread. */
final class Listing implements Iterator<StoredObject> {
    private final S3Uri prefix;
    private final Function<ListObjectsV2Request, ListObjectsV2Response> pages;
    private @Nullable ListObjectsV2Request next;
    private Iterator<S3Object> page = java.util.Collections.emptyIterator();

    Listing(
            S3Uri prefix,
            @Nullable String startAfter,
            Function<ListObjectsV2Request, ListObjectsV2Response> pages) {
        this.prefix = prefix;
        this.pages = pages;
        // Keys may hold characters that XML cannot; the SDK undoes this encoding.
        next =
                ListObjectsV2Request.builder()
                        .bucket(prefix.bucket())
                        .prefix(prefix.key())
                        .startAfter(startAfter)
                        .encodingType(EncodingType.URL)
                        .build();
    }

    @Override
    public boolean hasNext() {
        while (!page.hasNext()) {
            if (next == null) {
                return false;
            }
            ListObjectsV2Response answer = pages.apply(next);
            page = answer.contents().iterator();
            next =
                    Boolean.TRUE.equals(answer.isTruncated())
                            ? next.toBuilder()
                                    .startAfter(null)
                                    .continuationToken(answer.nextContinuationToken())
                                    .build()
                            : null;
        }
        return true;
    }

    @Override
    public StoredObject next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        S3Object object = page.next();
        return new StoredObject(
                new S3Uri(prefix.bucket(), object.key()),
                ObjectStore.withoutQuotes(object.eTag()),
                object.size(),
                Map.of());
    }
}
