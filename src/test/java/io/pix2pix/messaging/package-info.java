@NullMarked
package io.pix2pix.messaging;

import org.jspecify.annotations.NullMarked;
