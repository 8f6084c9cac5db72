package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What a user wants done with a job: written to the topic {@code job-commands}. Every command is
 * answered by {@link JobStatus#lastCommand}, also where it changes nothing.
 */
public record JobCommand(String jobId, Action action) {
    public JobCommand {
        Checks.jobId(jobId);
        require(action != null, "action is missing");
    }

    public enum Action {
        /** Stop for good; what was made stays, and a translation's report says what was not. */
        @JsonProperty("cancel")
        CANCEL,
        /** Hand running tasks back and start no more; planning, which needs no device, goes on. */
        @JsonProperty("pause")
        PAUSE,
        /** Go on after a pause. */
        @JsonProperty("resume")
        RESUME
    }
}
