package io.pix2pix.dataset;

/**
 * An image file of a dataset.
 *
 * @param name its key below the dataset's prefix
 * @param etag its entity tag as it was listed
 * @param size bytes
 */
record SourceFile(String name, String etag, long size) {
    private static final String IMAGE_ENDING = "(?is).*\\.(jpe?g|png|bmp|gif|tiff?|webp)";

    /** Whether a key is that of an image by its ending; others do not belong to a dataset. */
    static boolean isImage(String key) {
        return key.matches(IMAGE_ENDING);
    }

    /** The name without its ending: what the two files of a pair have in common. */
    static String stem(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }
}
