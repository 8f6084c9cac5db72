@NullMarked
package io.pix2pix.worker;

import org.jspecify.annotations.NullMarked;
