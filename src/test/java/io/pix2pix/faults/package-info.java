/** Real workers, a real broker and a real S3 server, and everything that goes wrong with them. */
@org.jspecify.annotations.NullMarked
package io.pix2pix.faults;
