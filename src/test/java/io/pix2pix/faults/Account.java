package io.pix2pix.faults;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent.TaskProgress;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/** Compares what went in with what came out, object by object and record by record. */
final class Account {
    private static final String BOOKKEEPING = "_pix2pix/";
    private static final long MANY_BYTES = 1 << 26;

    private final World world;
    private final Set<String> inputs;
    private final Set<String> poison;
    private final S3Uri output;
    private final JobStatus end;
    private final boolean computed;
    private final List<TranslationResult> results;
    private final int startedAgain;
    private final List<StoredObject> objects;

    /**
     * @param poison inputs that cannot be translated
     * @param end the job's last status
     * @param computed whether a network made the outputs, rather than the stand-in
     */
    Account(
            World world,
            Ledger ledger,
            Set<String> inputs,
            Set<String> poison,
            S3Uri output,
            JobStatus end,
            boolean computed) {
        this.world = world;
        this.inputs = inputs;
        this.poison = poison;
        this.output = output;
        this.end = end;
        this.computed = computed;
        this.results = ledger.results(Scenario.JOB);
        this.startedAgain =
                (int)
                        ledger.events(Scenario.JOB).stream()
                                .filter(e -> e instanceof TaskProgress p && p.attempt() > 1)
                                .map(e -> (TaskProgress) e)
                                .map(e -> e.shard() + "/" + e.attempt())
                                .distinct()
                                .count();
        this.objects = world.store.list(output, null).toList();
    }

    FaultReport report(
            String name,
            List<Duration> takeovers,
            int harms,
            long translated,
            Duration perImage,
            Duration took) {
        Set<String> told =
                results.stream().map(TranslationResult::input).collect(Collectors.toSet());
        Set<String> missing = new HashSet<>(inputs);
        missing.removeAll(told);
        long needed = results.stream().filter(r -> r.outcome() == Outcome.SUCCEEDED).count();
        return new FaultReport(
                name,
                world.seed,
                inputs.size(),
                results.size(),
                missing.size(),
                results.size() - told.size(),
                (int)
                        results.stream()
                                .filter(r -> r.outcome() == Outcome.FAILED)
                                .filter(r -> !poison.contains(r.input()))
                                .count(),
                pictures().size(),
                halfWritten(),
                overwritten(),
                contradictions(),
                harms,
                perImage.multipliedBy(Math.max(0, translated - needed)),
                perImage.multipliedBy(translated),
                startedAgain,
                takeovers,
                took);
    }

    private List<StoredObject> pictures() {
        return objects.stream().filter(o -> !o.uri().key().contains(BOOKKEEPING)).toList();
    }

    private int halfWritten() {
        return (int) pictures().parallelStream().filter(o -> !isWhole(o.uri())).count();
    }

    /** Whether the output is a whole picture, and of the stand-in the very one that went in. */
    private boolean isWhole(S3Uri uri) {
        String name = uri.key().substring(uri.key().lastIndexOf('/') + 1);
        try {
            BufferedImage made =
                    ImageIO.read(
                            new ByteArrayInputStream(world.store.read(uri, MANY_BYTES).bytes()));
            int index = Integer.parseInt(name.replaceAll("\\D", ""));
            BufferedImage asked = ImageIO.read(new ByteArrayInputStream(World.picture(index)));
            return made != null && (computed || equal(made, asked));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean equal(BufferedImage a, BufferedImage b) {
        if (a.getWidth() != b.getWidth() || a.getHeight() != b.getHeight()) {
            return false;
        }
        for (int y = 0; y < a.getHeight(); y++) {
            for (int x = 0; x < a.getWidth(); x++) {
                if (a.getRGB(x, y) != b.getRGB(x, y)) {
                    return false;
                }
            }
        }
        return true;
    }

    private int overwritten() {
        String own = "/" + output.bucket() + "/" + output.key();
        return (int)
                world.s3.writes().entrySet().stream()
                        .filter(e -> e.getKey().startsWith(own) && e.getValue() > 1)
                        // Asked for again, it says the same again.
                        .filter(e -> !e.getKey().endsWith("/failures.jsonl"))
                        .count();
    }

    private List<String> contradictions() {
        List<String> found = new ArrayList<>();
        Map<String, JsonNode> stored = new HashMap<>();
        for (StoredObject object : objects) {
            if (object.uri().key().contains("/results/")) {
                lines(object.uri()).forEach(line -> stored.put(line.path("input").asText(), line));
            }
        }
        for (TranslationResult result : results) {
            JsonNode line = stored.get(result.input());
            JsonNode record = tree(Json.write(result));
            if (!record.equals(line)) {
                found.add("committed %s, stored %s".formatted(record, line));
            }
        }
        if (!end.state().isTerminal()) {
            found.add("the job has not ended: " + end);
        }
        long failed = results.stream().filter(r -> r.outcome() == Outcome.FAILED).count();
        if (end.images().done() != inputs.size() || end.images().failed() != failed) {
            found.add("status counts " + end.images());
        }
        if (end.report() == null) {
            found.add("no report");
        } else {
            JsonNode report = tree(world.store.read(S3Uri.parse(end.report()), MANY_BYTES).bytes());
            if (report.path("images").asLong() != inputs.size()
                    || report.path("failed").asLong() != failed) {
                found.add("report counts " + report);
            }
        }
        return found.subList(0, Math.min(3, found.size()));
    }

    private List<JsonNode> lines(S3Uri uri) {
        String text = new String(world.store.read(uri, MANY_BYTES).bytes(), StandardCharsets.UTF_8);
        return text.lines()
                .map(line -> tree(line.getBytes(StandardCharsets.UTF_8)))
                .filter(line -> line.has("input"))
                .toList();
    }

    private static JsonNode tree(byte[] json) {
        try {
            return Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
