package io.pix2pix.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pix2pix.faults.Fleet.Member;
import io.pix2pix.faults.PatchedApplication.Patch;
import io.pix2pix.faults.Scenario.Shape;
import io.pix2pix.storage.S3Uri;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The harness notices when a promise is broken: in each test one method of the application is. */
@Timeout(300)
class BrokenPromisesIT {
    private static final int IMAGES = 60;
    private static final int ATTEMPTS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static World world;

    @BeforeAll
    static void open() throws IOException {
        world = new World(1, IMAGES);
    }

    @AfterAll
    static void close() throws IOException {
        world.close();
    }

    @Test
    void resultsThatAreForwardedTwiceAreSeen() throws Exception {
        Shape shape = new Shape(IMAGES, 10, Duration.ofMillis(100), Duration.ofSeconds(6));
        try (Scenario s = start("duplicates", shape, Patches.FORWARD_DUPLICATES, Map.of(), 1)) {
            s.submit().awaitDone(IMAGES / 2);
            assertThat(s.repeatCompletions(1)).isPositive();
            await().atMost(PATIENCE).until(s::hasDuplicates);
            FaultReport report = s.settle(Duration.ofSeconds(1));
            assertThat(report.duplicates()).isPositive();
            assertThatThrownBy(report::assertNothingLostNothingTwice)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("duplicates");
        }
    }

    @Test
    void objectsThatAreWrittenTwiceAreSeen() throws Exception {
        Shape shape = new Shape(IMAGES, 20, Duration.ofMillis(200), Duration.ofSeconds(3));
        try (Scenario s = start("overwritten", shape, Patches.IGNORE_CONDITIONS, Map.of(), 2)) {
            s.submit();
            Member victim = s.fleet.alive("translator").get(0);
            await().until(() -> s.isAtWork(victim) && s.hasTranslated(1));
            victim.freeze();
            assertThat(s.endsWithin(PATIENCE)).isTrue();
            victim.thaw();
            await().atMost(PATIENCE).until(() -> s.settle(PATIENCE).overwritten() > 0);
            assertThatThrownBy(s.settle(PATIENCE)::assertNothingLostNothingTwice)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("overwritten");
        }
    }

    @Test
    void attemptsThatAreNotCountedAreSeen() throws Exception {
        Shape shape = new Shape(20, 20, Duration.ofMillis(10), Duration.ofSeconds(6));
        S3Uri deadly = world.uri("poison/deadly.png");
        world.putDeadlyPicture(deadly);
        Map<String, String> halts = Map.of("pix2pix.stand-in.poison", "halt");
        try (Scenario s = start("uncounted", shape, Patches.FORGET_ATTEMPTS, halts, 1)) {
            s.submitWith(List.of(deadly));
            int deaths = 0;
            while (deaths < ATTEMPTS && !s.endsWithin(Duration.ofMillis(200))) {
                deaths += s.fleet.replaceDead("translator");
            }
            assertThat(deaths).describedAs("more than a task may cost").isEqualTo(ATTEMPTS);
        }
    }

    @Test
    void locksThatAreNotRenewedAreSeen() throws Exception {
        Shape shape = new Shape(40, 20, Duration.ofMillis(400), Duration.ofSeconds(2));
        try (Scenario s = start("unrenewed", shape, Patches.NEVER_RENEW, Map.of(), 2)) {
            FaultReport report = s.submit().settle(PATIENCE);
            assertThat(report.harms()).isZero();
            assertThat(report.startedAgain()).describedAs("%s", report).isPositive();
        }
    }

    private static Scenario start(
            String name, Shape shape, Patch patch, Map<String, String> settings, int translators)
            throws IOException {
        Scenario s = new Scenario(world, name, shape, settings, world.broken(patch));
        s.fleet.coordinator().ready();
        for (int i = 0; i < translators; i++) {
            s.fleet.translator().ready();
        }
        return s.watch();
    }
}
