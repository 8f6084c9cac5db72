package io.pix2pix.storage;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * What a GET brought.
 *
 * @param content null when it was left unread
 */
record Body<T>(GetObjectResponse response, @Nullable T content) {}
