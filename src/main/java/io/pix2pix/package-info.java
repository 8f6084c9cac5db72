@NullMarked
package io.pix2pix;

import org.jspecify.annotations.NullMarked;
