@NullMarked
package io.pix2pix.event;

import org.jspecify.annotations.NullMarked;
