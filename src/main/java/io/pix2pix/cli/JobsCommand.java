package io.pix2pix.cli;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.messaging.Clients;
import io.pix2pix.worker.Settings;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "jobs",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Lists jobs, the newest first.",
            "Read straight from Kafka: no worker needs to run."
        })
final class JobsCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--state",
            split = ",",
            paramLabel = "STATE",
            description = "only these: ${COMPLETION-CANDIDATES}; may be repeated")
    private List<State> states = List.of();

    @Option(names = "--kind", paramLabel = "KIND", description = "${COMPLETION-CANDIDATES}")
    private @Nullable Kind kind;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "at most so many; default: ${DEFAULT-VALUE}")
    private int limit;

    @Option(names = "--json", description = "a job's status a line, as in the topic job-status")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try (KnownJobs jobs = new KnownJobs(new Clients(new Settings().messaging()))) {
            List<JobStatus> found =
                    jobs.all().stream()
                            .filter(job -> states.isEmpty() || states.contains(job.state()))
                            .filter(job -> kind == null || job.kind() == kind)
                            .toList();
            List<JobStatus> shown = found.stream().limit(limit).toList();
            if (json) {
                shown.forEach(job -> out.println(Json.writeString(job)));
            } else if (found.isEmpty()) {
                out.println("No jobs");
            } else {
                table(shown, out);
                if (found.size() > shown.size()) {
                    out.printf("... and %,d more (--limit)%n", found.size() - shown.size());
                }
            }
            out.flush();
        }
        return 0;
    }

    private static void table(List<JobStatus> jobs, PrintWriter out) {
        int name = jobs.stream().mapToInt(job -> job.jobId().length()).max().orElse(0);
        int state = jobs.stream().mapToInt(job -> job.state().name().length()).max().orElse(0);
        String row =
                "%-" + Math.max(3, name) + "s  %-11s  %-" + Math.max(5, state) + "s  %-16s  %s%n";
        out.printf(row, "JOB", "KIND", "STATE", "SUBMITTED", "");
        for (JobStatus job : jobs) {
            out.printf(
                    row,
                    job.jobId(),
                    String.valueOf(job.kind()).toLowerCase(Locale.ROOT),
                    job.state(),
                    JobText.time(job.submittedAt()),
                    job.message());
        }
    }
}
