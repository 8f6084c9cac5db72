package io.pix2pix.translation;

/** Follows a plan as it is made. Called on the planning thread. */
@FunctionalInterface
public interface PlanListener {
    /**
     * A shard's manifest is written and its task can run. Shards come in order from 0; a plan that
     * goes on after a crash reports those that were there before, too.
     *
     * @param images how many, at least 1
     */
    void shardPlanned(int shard, int images);

    /**
     * Asked before each shard and in long listings; true ends the plan with a {@link
     * TaskStoppedException}.
     */
    default boolean stopRequested() {
        return false;
    }
}
