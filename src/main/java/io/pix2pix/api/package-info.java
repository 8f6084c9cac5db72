@NullMarked
package io.pix2pix.api;

import org.jspecify.annotations.NullMarked;
