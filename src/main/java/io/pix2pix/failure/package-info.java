@NullMarked
package io.pix2pix.failure;

import org.jspecify.annotations.NullMarked;
