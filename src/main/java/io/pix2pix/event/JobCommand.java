package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a user wants done with a job: written to the topic {@code job-commands}. */
public record JobCommand(String jobId, Action action) {
    public JobCommand {
        Checks.jobId(jobId);
        require(action != null, "action is missing");
    }

    public enum Action {
        /** Stop for good; what was made stays. */
        @JsonProperty("cancel")
        CANCEL,
        /** Hand running tasks back and start no more. */
        @JsonProperty("pause")
        PAUSE,
        /** Go on after a pause. */
        @JsonProperty("resume")
        RESUME
    }
}
