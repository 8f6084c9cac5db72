@NullMarked
package io.pix2pix.testing;

import org.jspecify.annotations.NullMarked;
