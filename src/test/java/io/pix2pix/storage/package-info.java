@NullMarked
package io.pix2pix.storage;

import org.jspecify.annotations.NullMarked;
