@NullMarked
package io.pix2pix.torchscript;

import org.jspecify.annotations.NullMarked;
