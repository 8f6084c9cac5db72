@NullMarked
package io.pix2pix.tracking;

import org.jspecify.annotations.NullMarked;
