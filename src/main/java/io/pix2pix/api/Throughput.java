package io.pix2pix.api;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * How a job moved, as far as this process saw it: at most a few hundred points, the oldest first.
 */
public record Throughput(
        @Schema(required = true) JobView.Unit unit,
        @Schema(required = true) List<History.Point> points) {}
