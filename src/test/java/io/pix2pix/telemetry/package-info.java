@NullMarked
package io.pix2pix.telemetry;

import org.jspecify.annotations.NullMarked;
