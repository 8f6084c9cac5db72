@NullMarked
package io.pix2pix.local;

import org.jspecify.annotations.NullMarked;
