package io.pix2pix.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.faults.Fleet.Member;
import io.pix2pix.faults.Scenario.Shape;
import io.pix2pix.storage.S3Uri;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Workers that come and go as KEDA and the horizontal pod autoscaler would have it, by what the
 * real backlog endpoint says: from none to many and back, in bursts.
 */
@Timeout(600)
class AutoscalingIT {
    private static final double SCALE =
            Double.parseDouble(System.getProperty("pix2pix.faults.scale", "0.25"));
    private static final long SEED = Long.getLong("pix2pix.faults.seed", 20261125);
    private static final int IMAGES = (int) (1200 * SCALE);
    private static final int BURSTS = 2;
    private static final Shape SHAPE =
            new Shape(IMAGES, 5, Duration.ofMillis(40), Duration.ofSeconds(6));
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /**
     * The documented rule: KEDA looks each {@code polling} and starts the first replica when there
     * is anything, and takes the last one away when there was nothing for {@code cooldown}; between
     * one and {@code most} the autoscaler wants the value divided by the target, rounded up, and
     * goes down only to the most it wanted within {@code stabilization}.
     */
    private static final class Autoscaler {
        private final int most;
        private final double target;
        private final Duration cooldown;
        private final Duration stabilization;
        private final Deque<Wish> wishes = new ArrayDeque<>();
        private long lastActive = Long.MIN_VALUE;

        private record Wish(long at, int replicas) {}

        Autoscaler(int most, double target, Duration cooldown, Duration stabilization) {
            this.most = most;
            this.target = target;
            this.cooldown = cooldown;
            this.stabilization = stabilization;
        }

        /** How many there are to be, given what there is to do and how many there are. */
        int replicas(long value, int now, long nanos) {
            if (value > 0) {
                lastActive = nanos;
            }
            if (now == 0) {
                return value > 0 ? 1 : 0;
            }
            if (value == 0 && nanos - lastActive > cooldown.toNanos()) {
                wishes.clear();
                return 0;
            }
            int wish = (int) Math.max(1, Math.min(most, Math.ceil(value / target)));
            wishes.addLast(new Wish(nanos, wish));
            while (nanos - wishes.getFirst().at() > stabilization.toNanos()) {
                wishes.removeFirst();
            }
            int highest = wishes.stream().mapToInt(Wish::replicas).max().orElse(wish);
            return wish >= now ? wish : Math.min(now, highest);
        }
    }

    /** A worker's pod. */
    private record Pod(Member member, long startNanos) {}

    private final List<Pod> pods = new ArrayList<>();
    private Duration podTime = Duration.ZERO;

    @Test
    void burstsAreWorkedOffFromNothingToNothingAndNothingIsLost() throws Exception {
        try (World world = new World(SEED, IMAGES);
                Scenario s =
                        new Scenario(world, "autoscaling", SHAPE, Map.of(), world.application)) {
            Member coordinator = s.fleet.coordinator().ready();
            s.watch();
            URI backlog = http(coordinator).resolve("/api/v1/backlog/translation");
            Autoscaler autoscaler =
                    new Autoscaler(4, 2, Duration.ofSeconds(6), Duration.ofSeconds(3));
            List<Duration> firsts = new ArrayList<>();
            List<Integer> peaks = new ArrayList<>();
            for (int burst = 0; burst < BURSTS; burst++) {
                String job = "burst-" + burst;
                assertThat(pods).isEmpty();
                submit(world, s, job);
                long start = System.nanoTime();
                Duration first = null;
                int peak = 0;
                // Until the job has ended and the last worker has been taken away.
                while (!hasEnded(s, job) || !pods.isEmpty()) {
                    assertThat(System.nanoTime() - start)
                            .describedAs(
                                    "%s at %s with %d workers",
                                    job, s.ledger().status(job), pods.size())
                            .isLessThan(TimeUnit.MINUTES.toNanos(4));
                    int wanted =
                            autoscaler.replicas(value(backlog), pods.size(), System.nanoTime());
                    scale(s, job, wanted);
                    peak = Math.max(peak, pods.size());
                    first = first == null ? firstResult(s, job, start) : first;
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
                }
                firsts.add(first);
                peaks.add(peak);
                JobStatus end = s.ledger().awaitEnd(job, Duration.ofSeconds(1));
                assertThat(end.state()).isEqualTo(JobStatus.State.SUCCEEDED);
                assertThat(end.attemptsFailed()).describedAs("attempts that were lost").isZero();
                assertThat(s.ledger().results(job))
                        .hasSize(IMAGES)
                        .extracting(TranslationResult::input)
                        .doesNotHaveDuplicates();
            }
            Duration device = SHAPE.perImage().multipliedBy(s.translated());
            Duration needed = SHAPE.perImage().multipliedBy((long) IMAGES * BURSTS);
            System.out.printf(
                    Locale.ROOT,
                    "autoscaling, seed %d: %d bursts of %d images, workers 0 to %s to 0; first result after %s;"
                            + " %.1f pod-seconds, of which %.1f computing, %.2f of them twice%n",
                    SEED,
                    BURSTS,
                    IMAGES,
                    peaks,
                    firsts.stream().map(d -> d.toMillis() / 1000.0 + " s").toList(),
                    podTime.toMillis() / 1000.0,
                    device.toMillis() / 1000.0,
                    device.minus(needed).toMillis() / 1000.0);
            assertThat(peaks).allMatch(peak -> peak == 4);
            assertThat(firsts).doesNotContainNull();
        }
    }

    /** Starts what is missing; of what is too many those leave that are at work, which is worst. */
    private void scale(Scenario s, String job, int wanted) throws Exception {
        while (pods.size() < wanted) {
            pods.add(new Pod(s.fleet.translator(), System.nanoTime()));
        }
        while (pods.size() > wanted) {
            Pod leaver =
                    pods.stream()
                            .filter(pod -> pod.member().isReady())
                            .filter(pod -> s.isAtWork(pod.member(), job))
                            .findFirst()
                            .orElse(pods.get(pods.size() - 1));
            pods.remove(leaver);
            if (leaver.member().isReady()) {
                assertThat(leaver.member().terminate(Duration.ofSeconds(30))).isZero();
            } else {
                // It has no say yet in how it ends.
                leaver.member().ready().terminate(Duration.ofSeconds(30));
            }
            podTime = podTime.plusNanos(System.nanoTime() - leaver.startNanos());
        }
    }

    private static boolean hasEnded(Scenario s, String job) {
        JobStatus status = s.ledger().status(job);
        return status != null && status.state().isTerminal();
    }

    private static Duration firstResult(Scenario s, String job, long start) {
        return s.ledger().results(job).isEmpty()
                ? null
                : Duration.ofNanos(System.nanoTime() - start);
    }

    private static long value(URI backlog) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer =
                HTTP.send(HttpRequest.newBuilder(backlog).build(), BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        return Json.read(answer.body(), JsonNode.class).path("value").asLong(-1);
    }

    private static URI http(Member coordinator) {
        Matcher address = Pattern.compile("Listening on: (http://\\S+)").matcher(coordinator.log());
        assertThat(address.find()).isTrue();
        return URI.create(address.group(1));
    }

    private static void submit(World world, Scenario s, String job) {
        StringBuilder inputs = new StringBuilder();
        for (int i = 0; i < IMAGES; i++) {
            inputs.append('"').append(world.uri("in/%05d.png".formatted(i))).append("\"\n");
        }
        S3Uri manifest = world.uri(job + ".jsonl");
        world.put(manifest, inputs.toString().getBytes(StandardCharsets.UTF_8));
        s.user()
                .write(
                        "translation-jobs",
                        job,
                        """
                        {"jobId": "%s", "model": {"uri": "%s"}, "output": {"uri": "%s"},
                         "input": {"uri": "%s", "manifest": true},
                         "size": {"width": 16, "height": 16}, "shardSize": %d}
                        """
                                .formatted(
                                        job,
                                        world.uri("g.pt"),
                                        world.uri("out/" + job + "/"),
                                        manifest,
                                        SHAPE.shardSize()));
    }
}
