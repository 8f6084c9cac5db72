@NullMarked
package io.pix2pix.engine;

import org.jspecify.annotations.NullMarked;
