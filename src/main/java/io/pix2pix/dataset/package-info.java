@NullMarked
package io.pix2pix.dataset;

import org.jspecify.annotations.NullMarked;
