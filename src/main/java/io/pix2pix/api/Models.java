package io.pix2pix.api;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.training.CheckpointCatalog;
import io.pix2pix.training.CheckpointCatalog.Model;
import io.pix2pix.training.CheckpointCatalog.Page;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds what can translate, with what was measured of it. */
@Singleton
class Models {
    /** A job keeps a handful. */
    private static final int MOST_OF_A_JOB = 1000;

    private final Coordination coordination;

    Models(Coordination coordination) {
        this.coordination = coordination;
    }

    /** A job's checkpoints, the newest first. */
    List<Model> of(TrainingJob job) {
        S3Uri folder = S3Uri.parse(job.output().uri()).resolve("checkpoints/");
        List<Model> models = new ArrayList<>(catalog().below(folder, null, MOST_OF_A_JOB).models());
        models.removeIf(model -> !model.jobId().equals(job.jobId()));
        models.replaceAll(this::measured);
        models.sort(Comparator.comparingLong(Model::step).reversed());
        return models;
    }

    /** The checkpoints below a prefix, page by page. */
    Page below(S3Uri prefix, @Nullable String startAfter, int limit) {
        Page page = catalog().below(prefix, startAfter, limit);
        return new Page(page.models().stream().map(this::measured).toList(), page.next());
    }

    /** The generators of all trainings that are done, the newest first. */
    List<Model> finished(int limit) {
        JobDirectory jobs = coordination.jobs();
        return coordination.parts().statuses().statuses().stream()
                .filter(status -> status.training() != null && status.finishedAt() != null)
                .sorted(Comparator.comparing(JobStatus::submittedAt).reversed())
                .flatMap(status -> jobs.find(status.jobId()).stream())
                .flatMap(Models::finished)
                .limit(limit)
                .toList();
    }

    private static Stream<Model> finished(JobDirectory.Entry entry) {
        JobStatus status = entry.status();
        JobStatus.Training training = status == null ? null : status.training();
        if (!(entry.job() instanceof TrainingJob job)
                || status == null
                || training == null
                || training.generator() == null
                || training.checkpoint() == null) {
            return Stream.empty();
        }
        return Stream.of(
                new Model(
                        training.generator(),
                        training.checkpoint(),
                        job.jobId(),
                        job.generator().network(),
                        job.generator().filters(),
                        training.epoch(),
                        training.step(),
                        training.validation(),
                        null,
                        status.updatedAt(),
                        null));
    }

    private CheckpointCatalog catalog() {
        return new CheckpointCatalog(coordination.parts().store());
    }

    /** A checkpoint knows the best metrics only; the epochs know their own. */
    private Model measured(Model model) {
        Optional<EpochCompleted> epoch =
                coordination.parts().trainings().epochs(model.jobId()).stream()
                        .filter(e -> e.epoch() == model.epoch() && e.step() == model.step())
                        .findFirst();
        return epoch.map(e -> model.with(e.validation())).orElse(model);
    }
}
