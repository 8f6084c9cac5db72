@NullMarked
package io.pix2pix.image;

import org.jspecify.annotations.NullMarked;
