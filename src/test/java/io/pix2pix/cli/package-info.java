@NullMarked
package io.pix2pix.cli;

import org.jspecify.annotations.NullMarked;
