package io.pix2pix.dataset;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.failure.FailureException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells how a dataset is not the one that a job was planned on. */
final class Changes {
    private static final int NAMED = 10;
    private static final String ADVICE =
            ". Bring the files back, or submit another job, with resumeFrom to go on from a"
                    + " checkpoint";

    private Changes() {}

    /**
     * @param before entity tags by file, where they are known
     */
    static FailureException failure(
            DatasetSummary expected, DatasetFiles found, Optional<Map<String, String>> before) {
        String what =
                before.map(known -> byFile(known, found.etags()))
                        .orElseGet(() -> byCount(expected, found));
        return Failures.permanent(
                Failures.CHANGED,
                "The dataset below %s changed since the job was planned: %s%s"
                        .formatted(found.training().prefix(), what, ADVICE));
    }

    private static String byCount(DatasetSummary expected, DatasetFiles found) {
        PairSet validation = found.validation();
        String before = count(expected.pairs(), expected.validationPairs());
        String now =
                count(
                        found.training().pairs().size(),
                        validation == null ? 0 : validation.pairs().size());
        return before.equals(now)
                ? "names or contents of its " + now + " are others"
                : "expected %s, found %s".formatted(before, now);
    }

    private static String count(int pairs, int validationPairs) {
        return "%d pairs and %d for validation".formatted(pairs, validationPairs);
    }

    private static String byFile(Map<String, String> before, Map<String, String> now) {
        List<String> added = new ArrayList<>();
        List<String> replaced = new ArrayList<>();
        now.forEach(
                (file, etag) -> {
                    @Nullable String known = before.get(file);
                    if (known == null) {
                        added.add(file);
                    } else if (!known.equals(etag)) {
                        replaced.add(file);
                    }
                });
        List<String> removed =
                new TreeMap<>(before)
                        .keySet().stream().filter(file -> !now.containsKey(file)).toList();
        List<String> parts = new ArrayList<>();
        name("added", added, parts);
        name("removed", removed, parts);
        name("replaced", replaced, parts);
        return String.join("; ", parts);
    }

    private static void name(String what, List<String> files, List<String> parts) {
        if (!files.isEmpty()) {
            int named = Math.min(NAMED, files.size());
            int more = files.size() - named;
            parts.add(
                    "%d %s (%s%s)"
                            .formatted(
                                    files.size(),
                                    what,
                                    String.join(", ", files.subList(0, named)),
                                    more == 0 ? "" : ", and " + more + " more"));
        }
    }
}
