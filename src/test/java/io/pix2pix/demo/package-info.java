@NullMarked
package io.pix2pix.demo;

import org.jspecify.annotations.NullMarked;
