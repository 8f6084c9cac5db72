package io.pix2pix.faults;

import static io.pix2pix.messaging.DeadLetter.CODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent.PlanCompleted;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.faults.Fleet.Harm;
import io.pix2pix.faults.Fleet.Member;
import io.pix2pix.faults.S3FaultProxy.Fault;
import io.pix2pix.faults.Scenario.Shape;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nothing lost, nothing twice: real workers that are killed, frozen and starved in the middle of a
 * job, and an account of every image at its end. See {@code docs/reliability.md} for longer runs.
 */
@Timeout(900)
class FaultIT {
    /** 1: as many images as the figures in the documentation are of. */
    private static final double SCALE =
            Double.parseDouble(System.getProperty("pix2pix.faults.scale", "0.25"));

    private static final int IMAGES = (int) (2000 * SCALE);
    private static final long SEED = Long.getLong("pix2pix.faults.seed", 20261125);
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration LOCK = Duration.ofSeconds(6);
    private static final Duration KILLED_TAKEOVER = Duration.ofSeconds(10);
    private static final Duration FROZEN_TAKEOVER = LOCK.plusSeconds(5);
    private static final Shape SHAPE = new Shape(IMAGES, 20, Duration.ofMillis(40), LOCK);

    private static final int ATTEMPTS = 5;

    private static World world;

    @BeforeAll
    static void open() throws IOException {
        world = new World(SEED, IMAGES);
    }

    @AfterAll
    static void close() throws IOException {
        world.close();
    }

    @Test
    void aWorkerKilledEveryThreeSeconds() throws Exception {
        try (Scenario s = scenario("killed-workers", 4)) {
            while (!s.endsWithin(Duration.ofSeconds(3))) {
                List<Member> alive = s.fleet.alive("translator");
                Member victim = alive.get(s.random.nextInt(alive.size()));
                victim.kill();
                victim.successor();
            }
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertNobodyElseDied(s);
            assertThat(report.takeover(99)).isLessThan(KILLED_TAKEOVER);
            assertWastedAtMostTheTasksOf(report.harms(), report);
        }
    }

    @Test
    void theBrokerIsRestartedTwice() throws Exception {
        try (Scenario s = scenario("broker-restarts", 2)) {
            s.awaitDone(IMAGES / 4);
            world.stack.restartBroker(false);
            s.awaitDone(IMAGES / 2);
            world.stack.restartBroker(true);
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertNobodyElseDied(s);
        }
    }

    @Test
    void connectionsToTheBrokerBreakAgainAndAgain() throws Exception {
        try (Scenario s = scenario("broker-connections", 2)) {
            for (int part = 1; part <= 5; part++) {
                s.awaitDone(part * IMAGES / 8);
                world.kafka.cutAll();
            }
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertNobodyElseDied(s);
        }
    }

    @Test
    void theCoordinatorIsKilledWhilePlanningAndWhileTracking() throws Exception {
        Shape small = new Shape(IMAGES, 4, SHAPE.perImage(), LOCK);
        try (Scenario s = scenario("killed-coordinator", 2, small, Map.of(), world.application)) {
            await().pollInterval(Duration.ofMillis(20))
                    .until(() -> s.ledger().events(Scenario.JOB), e -> e.size() > 3);
            assertThat(s.ledger().events(Scenario.JOB))
                    .describedAs("still planning")
                    .noneMatch(PlanCompleted.class::isInstance);
            replaceCoordinator(s);
            s.awaitDone(IMAGES / 3);
            replaceCoordinator(s);
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertNobodyElseDied(s);
        }
    }

    @Test
    void aTrackerIsFrozenAndFencedByAnother() throws Exception {
        try (Scenario s = scenario("fenced-tracker", 2)) {
            Member first = s.fleet.alive("coordinator").get(0);
            s.fleet.coordinator().ready();
            s.awaitDone(IMAGES / 4);
            first.freeze();
            // The other must take over all of it, whatever part of it the first had.
            s.awaitDone(IMAGES * 3 / 4);
            first.thaw();
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertNobodyElseDied(s);
        }
    }

    @Test
    void storageFailsEachTenthCallAndBreaksEachFiftiethConnection() throws Exception {
        try (Scenario s = scenario("failing-storage", 3)) {
            world.s3.inject(Fault.THROTTLED, 0.05);
            world.s3.inject(Fault.ERROR, 0.05);
            world.s3.inject(Fault.RESET, 0.01);
            world.s3.inject(Fault.ANSWER_LOST, 0.01);
            world.s3.inject(Fault.CUT_SHORT, 0.01);
            FaultReport report = s.settle(PATIENCE);
            System.out.println("faults: " + world.s3.summary());
            report.assertNothingLostNothingTwice();
            assertNobodyElseDied(s);
        }
    }

    @Test
    void aWorkerIsFrozenForLongerThanItsLockAndWokenAgain() throws Exception {
        try (Scenario s = scenario("frozen-worker", 3)) {
            s.awaitDone(IMAGES / 8);
            for (int i = 0; i < 2; i++) {
                Member victim = s.fleet.alive("translator").get(i);
                await().pollInterval(Duration.ofMillis(20)).until(() -> s.isAtWork(victim));
                Harm harm = victim.freeze();
                await().atMost(LOCK.multipliedBy(4)).until(() -> !s.takeovers(harm).isEmpty());
                victim.thaw();
            }
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertNobodyElseDied(s);
            assertThat(report.takeovers()).isNotEmpty();
            assertThat(report.takeover(99)).isLessThan(FROZEN_TAKEOVER);
            assertWastedAtMostTheTasksOf(2, report);
        }
    }

    @Test
    void workersAreAddedAndRemovedInTheMiddleOfAJob() throws Exception {
        try (Scenario s = scenario("scaling", 1)) {
            s.awaitDone(IMAGES / 10);
            for (int i = 1; i < 8; i++) {
                s.fleet.translator();
            }
            s.awaitDone(IMAGES / 2);
            for (Member leaver : s.fleet.alive("translator").subList(1, 8)) {
                assertThat(leaver.ready().terminate(Duration.ofSeconds(30))).isZero();
            }
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertThat(report.startedAgain()).describedAs("%s", report).isZero();
            assertWastedAtMostTheTasksOf(0, report);
        }
    }

    /** The others have a device that only takes its time; this one computes. */
    @Test
    void workersWithARealNetworkAreKilled() throws Exception {
        Map<String, String> real = Map.of("pix2pix.device", "cpu", "pix2pix.threads", "1");
        try (Scenario s = scenario("real-network", 2, SHAPE, real, world.application)) {
            for (int part = 1; part <= 3; part++) {
                s.awaitDone(part * IMAGES / 5);
                Member victim = s.fleet.alive("translator").get(0);
                victim.kill();
                victim.successor();
            }
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertNobodyElseDied(s);
        }
    }

    /** Files that are no pictures, and pictures at whose sight the process dies. */
    @Test
    void poisonousImagesFailAloneAndWithAReason() throws Exception {
        int broken = IMAGES / 20;
        int deadly = Math.max(2, IMAGES / 400);
        List<S3Uri> poison = new ArrayList<>();
        for (int i = 0; i < broken; i++) {
            poison.add(world.uri("poison/broken-%d.png".formatted(i)));
            world.putBrokenPicture(poison.get(i));
        }
        for (int i = 0; i < deadly; i++) {
            poison.add(world.uri("poison/deadly-%d.png".formatted(i)));
            world.putDeadlyPicture(poison.get(broken + i));
        }
        Map<String, String> settings = Map.of("pix2pix.stand-in.poison", "halt");
        // A busy machine must not take an attempt that the picture did not: so a longer lock.
        Shape patient = new Shape(IMAGES, 20, SHAPE.perImage(), Duration.ofSeconds(20));
        try (Scenario s = new Scenario(world, "poison", patient, settings, world.application)) {
            s.fleet.coordinator().ready();
            for (int i = 0; i < 3; i++) {
                s.fleet.translator();
            }
            s.watch().submitWith(poison);
            int deaths = 0;
            while (!s.endsWithin(Duration.ofMillis(200))) {
                deaths += s.fleet.replaceDead("translator");
            }
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
            assertThat(s.failed()).containsExactlyInAnyOrderElementsOf(s.poison());
            assertThat(deaths).isLessThanOrEqualTo(deadly * (ATTEMPTS - 1));
            // One a task, again where its worker was killed by another task just after it wrote it.
            assertThat(s.ledger().deadLetters())
                    .allMatch(r -> KafkaUser.header(r, CODE).equals("ATTEMPTS_EXHAUSTED"))
                    .extracting(r -> Json.read(r.value(), TranslationTask.class).shard())
                    .hasSameElementsAs(s.shardsOf(poison.subList(broken, poison.size())));
        }
    }

    /** Every message may come again; the job does, twice, and a fifth of the tasks' ends. */
    @Test
    void messagesAreRepeated() throws Exception {
        try (Scenario s = scenario("repeated-messages", 2)) {
            s.writeJob();
            s.awaitDone(IMAGES / 2);
            s.writeJob();
            assertThat(s.repeatCompletions(5)).isPositive();
            FaultReport report = s.settle(PATIENCE);
            report.assertNothingLostNothingTwice();
        }
    }

    private static Scenario scenario(String name, int translators) throws IOException {
        return scenario(name, translators, SHAPE, Map.of(), world.application);
    }

    /** A coordinator and so many translators, and a job that has just been submitted. */
    private static Scenario scenario(
            String name, int translators, Shape shape, Map<String, String> settings, Path app)
            throws IOException {
        Scenario s = new Scenario(world, name, shape, settings, app);
        s.fleet.coordinator().ready();
        for (int i = 0; i < translators; i++) {
            s.fleet.translator();
        }
        return s.watch().submit();
    }

    private static void replaceCoordinator(Scenario s) throws IOException {
        Member coordinator = s.fleet.alive("coordinator").get(0);
        coordinator.kill();
        coordinator.successor().ready();
    }

    private static void assertNobodyElseDied(Scenario s) {
        assertThat(s.fleet.died()).extracting(Member::name).isEmpty();
    }

    /** Two tasks a worker. */
    private static void assertWastedAtMostTheTasksOf(int workers, FaultReport report) {
        assertThat(report.wasted())
                .describedAs("wasted: %s", report)
                .isLessThanOrEqualTo(
                        SHAPE.perImage().multipliedBy(2L * SHAPE.shardSize() * workers));
    }
}
