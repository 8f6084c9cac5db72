package io.pix2pix.api;

import io.pix2pix.event.Job;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import jakarta.inject.Singleton;
import java.time.Clock;

/** Finds and shows jobs for the resources. */
@Singleton
class Jobs {
    private final Coordination coordination;
    private final Clock clock = Clock.systemUTC();

    Jobs(Coordination coordination) {
        this.coordination = coordination;
    }

    JobDirectory.Entry find(String jobId) {
        return coordination.jobs().find(jobId).orElseThrow(() -> ProblemException.noSuchJob(jobId));
    }

    JobView view(JobDirectory.Entry entry, boolean withJob) {
        History history = coordination.histories().of(entry.jobId());
        return JobView.of(entry, history, clock.instant(), withJob);
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
