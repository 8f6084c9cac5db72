package io.pix2pix.storage;

import java.util.Map;

/**
 * What is known of an object without its content.
 *
 * @param uri where it lies
 * @param etag the entity tag as S3 gives it, without quotes
 * @param size bytes
 * @param metadata user metadata, lower-case names; empty when it came from a listing
 */
public record StoredObject(S3Uri uri, String etag, long size, Map<String, String> metadata) {
    public StoredObject {
        metadata = Map.copyOf(metadata);
    }
}
