package io.pix2pix.tracking;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job's tasks at a moment.
 *
 * @param left not done
 * @param running of these, begun by a worker
 * @param waitingSince when the one was sent that has waited longest to be begun; null when all that
 *     is in the queue is begun
 */
record Tally(int left, int running, @Nullable Instant waitingSince) {}
