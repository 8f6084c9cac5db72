@NullMarked
package io.pix2pix.training;

import org.jspecify.annotations.NullMarked;
