package io.pix2pix.event;

/** What a user asks for. */
public sealed interface Job permits TranslationJob, TrainingJob {
    /** Names the job for good; translations and trainings share the names. */
    String jobId();

    /** Whether the text can name a job. */
    static boolean isJobId(String text) {
        return Checks.isJobId(text);
    }
}
