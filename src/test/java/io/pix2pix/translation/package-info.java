@NullMarked
package io.pix2pix.translation;

import org.jspecify.annotations.NullMarked;
