package io.pix2pix.cli;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.messaging.Clients;
import io.pix2pix.worker.Settings;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "job",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Shows one job; with --follow until it has ended.",
            "Read straight from Kafka: no worker needs to run.",
            "Ctrl-C ends the following, not the job."
        })
final class JobShowCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "the job's name")
    private String jobId = "";

    @Option(
            names = "--follow",
            description = "show progress until it has ended; then exit with 1 unless it SUCCEEDED")
    private boolean follow;

    @Option(names = "--json", description = "its status, as in the topic job-status")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Clients clients = new Clients(new Settings().messaging());
        try (KnownJobs jobs = new KnownJobs(clients)) {
            jobs.require(jobId);
            if (!follow) {
                show(jobs, out);
                return 0;
            }
        }
        JobStatus end;
        try (JobWatch watch = new JobWatch(clients, jobId)) {
            end =
                    watch.await(
                            progress(out),
                            () ->
                                    out.println(
                                            "Nobody has taken the job yet: is a worker running?"));
        }
        if (!json) {
            out.println(end.state() + ": " + end.message());
        }
        out.flush();
        return end.state() == JobStatus.State.SUCCEEDED ? 0 : 1;
    }

    private void show(KnownJobs jobs, PrintWriter out) {
        @Nullable JobStatus status = jobs.status(jobId).orElse(null);
        if (!json) {
            new JobText(out).print(jobId, status, jobs.job(jobId).orElse(null));
        } else if (status != null) {
            out.println(Json.writeString(status));
        } else {
            throw KnownJobs.failure(
                    "NO_STATUS", "Job %s is submitted, no planner has taken it".formatted(jobId));
        }
        out.flush();
    }

    private Consumer<JobStatus> progress(PrintWriter out) {
        if (json) {
            return status -> {
                out.println(Json.writeString(status));
                out.flush();
            };
        }
        Progress images = Progress.to(out);
        TrainingProgress epochs = TrainingProgress.to(out);
        return status -> {
            if (status.kind() == JobStatus.Kind.TRAINING) {
                epochs.show(status);
            } else {
                images.show(status);
            }
        };
    }
}
