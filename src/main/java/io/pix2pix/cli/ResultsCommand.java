package io.pix2pix.cli;

import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.failure.Failure;
import io.pix2pix.messaging.Clients;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.translation.JobResults;
import io.pix2pix.translation.JobResults.Page;
import io.pix2pix.worker.Settings;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "results",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Lists what became of a translation job's images, while it runs or after.",
            "Read straight from S3: no worker needs to run."
        })
final class ResultsCommand implements Callable<Integer> {
    private static final int PAGE = 1000;

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "the job's name")
    private String jobId = "";

    @Option(names = "--failed", description = "only images that failed, with their reason")
    private boolean failed;

    @Option(names = "--json", description = "a result a line, as in the topic translation-results")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Settings settings = new Settings();
        Job job;
        boolean reported;
        try (KnownJobs jobs = new KnownJobs(new Clients(settings.messaging()))) {
            jobs.require(jobId);
            job =
                    jobs.job(jobId)
                            .orElseThrow(
                                    () ->
                                            KnownJobs.failure(
                                                    "NO_JOB",
                                                    "What was submitted as %s is no job"
                                                            .formatted(jobId)));
            reported = jobs.status(jobId).map(JobStatus::report).isPresent();
        }
        if (!(job instanceof TranslationJob translation)) {
            throw KnownJobs.failure(
                    "OTHER_KIND",
                    "Job %s is a training, which has no results: scripts/pix2pix job %s"
                            .formatted(jobId, jobId));
        }
        try (ObjectStore store = new ObjectStore(settings.storage())) {
            print(new JobResults(store, translation), reported, out);
        }
        return 0;
    }

    private void print(JobResults results, boolean reported, PrintWriter out) {
        String next = null;
        do {
            Page page;
            if (failed && reported) {
                page = results.failures(next, PAGE);
            } else {
                page = results.results(failed ? Outcome.FAILED : null, next, PAGE);
            }
            page.results().forEach(result -> out.println(line(result)));
            out.flush();
            next = page.next();
        } while (next != null);
    }

    private String line(TranslationResult result) {
        if (json) {
            return Json.writeString(result);
        }
        Failure failure = result.failure();
        if (failure != null) {
            return "failed     %s: %s: %s"
                    .formatted(result.input(), failure.code(), failure.message());
        }
        String outcome = result.outcome().name().toLowerCase(Locale.ROOT);
        return "%-9s  %s -> %s".formatted(outcome, result.input(), result.output());
    }
}
