package io.pix2pix.translation;

/** A complete plan; the content of {@code plan.json}. */
public record PlanOutcome(int shards, long images) {
    public PlanOutcome {
        if (shards < 1 || images < shards) {
            throw new IllegalArgumentException(images + " images in " + shards + " shards");
        }
    }
}
