@NullMarked
package io.pix2pix.network;

import org.jspecify.annotations.NullMarked;
