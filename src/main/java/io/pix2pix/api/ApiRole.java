package io.pix2pix.api;

/** What a caller may do; who may do more may do less, too. */
public enum ApiRole {
    /** See everything, change nothing. */
    VIEWER,
    /** Submit and steer jobs. */
    OPERATOR;

    boolean includes(ApiRole other) {
        return compareTo(other) >= 0;
    }
}
