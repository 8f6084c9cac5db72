@NullMarked
package io.pix2pix.bench;

import org.jspecify.annotations.NullMarked;
