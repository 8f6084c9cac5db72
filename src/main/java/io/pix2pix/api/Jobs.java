package io.pix2pix.api;

import io.pix2pix.event.Job;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import jakarta.inject.Singleton;

/** Finds jobs by name for the resources below them. */
@Singleton
class Jobs {
    private final Coordination coordination;

    Jobs(Coordination coordination) {
        this.coordination = coordination;
    }

    JobDirectory.Entry find(String jobId) {
        return coordination.jobs().find(jobId).orElseThrow(() -> ProblemException.noSuchJob(jobId));
    }

    TranslationJob translation(JobDirectory.Entry entry) {
        return as(entry, TranslationJob.class, "translation");
    }

    TrainingJob training(JobDirectory.Entry entry) {
        return as(entry, TrainingJob.class, "training");
    }

    private static <J extends Job> J as(JobDirectory.Entry entry, Class<J> type, String kind) {
        Job job = entry.job();
        if (job == null) {
            throw ProblemException.notFound(
                    "NO_JOB", "What was submitted as %s is no job".formatted(entry.jobId()));
        } else if (!type.isInstance(job)) {
            throw ProblemException.notFound(
                    "OTHER_KIND", "Job %s is no %s".formatted(entry.jobId(), kind));
        }
        return type.cast(job);
    }
}
