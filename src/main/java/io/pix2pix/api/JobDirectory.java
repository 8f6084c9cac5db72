package io.pix2pix.api;

import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.messaging.StatusFollower;
import io.pix2pix.messaging.SubmissionFollower;
import io.pix2pix.messaging.SubmissionFollower.Submission;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every job that is known: what was asked for joined with what became of it. */
final class JobDirectory {
    private static final Comparator<Entry> NEWEST_FIRST =
            Comparator.comparing(Entry::submittedAt).thenComparing(Entry::jobId).reversed();

    private final StatusFollower statuses;
    private final SubmissionFollower submissions;

    JobDirectory(StatusFollower statuses, SubmissionFollower submissions) {
        this.statuses = statuses;
        this.submissions = submissions;
    }

    /**
     * A job.
     *
     * @param status null while no planner has taken it
     * @param job null where the record that was submitted is no job
     */
    record Entry(
            String jobId,
            Kind kind,
            Instant submittedAt,
            @Nullable JobStatus status,
            @Nullable Job job) {
        JobView.State state() {
            return status == null
                    ? JobView.State.SUBMITTED
                    : JobView.State.valueOf(status.state().name());
        }
    }

    /**
     * Which jobs.
     *
     * @param states empty: all
     * @param text in the jobId, the message or a URI of the job, whatever the case; null: any
     */
    record Filter(@Nullable Kind kind, Set<JobView.State> states, @Nullable String text) {
        boolean matches(Entry entry) {
            return (kind == null || entry.kind() == kind)
                    && (states.isEmpty() || states.contains(entry.state()))
                    && (text == null || hasText(entry, text.toLowerCase(Locale.ROOT)));
        }

        private static boolean hasText(Entry entry, String text) {
            return Stream.concat(
                            Stream.of(
                                    entry.jobId(),
                                    entry.status() == null ? "" : entry.status().message()),
                            uris(entry.job()))
                    .anyMatch(each -> each.toLowerCase(Locale.ROOT).contains(text));
        }

        private static Stream<String> uris(@Nullable Job job) {
            if (job instanceof TranslationJob t) {
                return Stream.of(t.model().uri(), t.input().uri(), t.output().uri());
            } else if (job instanceof TrainingJob t) {
                return Stream.of(t.dataset().uri(), t.output().uri());
            }
            return Stream.empty();
        }
    }

    /**
     * @param total of all pages
     * @param next where the next page begins; null after the last one
     */
    record Page(List<Entry> entries, int total, @Nullable String next) {}

    Optional<Entry> find(String jobId) {
        return statuses.status(jobId)
                .flatMap(this::entry)
                .or(() -> submissions.first(jobId).map(JobDirectory::entry));
    }

    /**
     * The newest first. A job that is submitted between two pages shifts neither.
     *
     * @param cursor what the page before gave as {@code next}; null: the beginning
     * @throws IllegalArgumentException when the cursor is none
     */
    Page list(Filter filter, @Nullable String cursor, int limit) {
        List<Entry> found = new ArrayList<>();
        for (JobStatus status : statuses.statuses()) {
            entry(status).ifPresent(found::add);
        }
        for (Submission submission : submissions.all()) {
            if (statuses.status(submission.job().jobId()).flatMap(this::entry).isEmpty()) {
                found.add(entry(submission));
            }
        }
        found.removeIf(entry -> !filter.matches(entry));
        found.sort(NEWEST_FIRST);
        int from = cursor == null ? 0 : after(found, cursor);
        int to = Math.min(found.size(), from + limit);
        List<Entry> page = List.copyOf(found.subList(from, to));
        return new Page(
                page, found.size(), to == found.size() ? null : cursor(page.get(page.size() - 1)));
    }

    /** Empty where a command named a job that nobody has submitted, or no planner has taken. */
    private Optional<Entry> entry(JobStatus status) {
        Kind kind = status.kind();
        if (kind == null) {
            return Optional.empty();
        }
        Job job = submissions.of(status.jobId(), status.digest()).map(Submission::job).orElse(null);
        return Optional.of(new Entry(status.jobId(), kind, status.submittedAt(), status, job));
    }

    private static Entry entry(Submission submission) {
        return new Entry(
                submission.job().jobId(),
                submission.kind(),
                submission.at(),
                null,
                submission.job());
    }

    private static String cursor(Entry last) {
        String text = last.submittedAt() + " " + last.jobId();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Index of the first one after the cursor's, which may be gone. */
    private static int after(List<Entry> sorted, String cursor) {
        Instant at;
        String jobId;
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            int space = text.indexOf(' ');
            at = Instant.parse(text.substring(0, Math.max(0, space)));
            jobId = text.substring(space + 1);
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw new IllegalArgumentException("no position in the list: '" + cursor + "'", e);
        }
        Entry last = new Entry(jobId, Kind.TRANSLATION, at, null, null);
        int index = 0;
        while (index < sorted.size() && NEWEST_FIRST.compare(sorted.get(index), last) <= 0) {
            index++;
        }
        return index;
    }
}
