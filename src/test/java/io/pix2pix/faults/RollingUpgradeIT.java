package io.pix2pix.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.faults.Fleet.Member;
import io.pix2pix.faults.Scenario.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every process is replaced by one of another version in the middle of a job, first one by one
 * forward and then back. The other version is this one but for its records and the tracker's state,
 * in which there is more than this one knows.
 */
@Timeout(300)
class RollingUpgradeIT {
    private static final int IMAGES = 400;
    private static final long SEED = Long.getLong("pix2pix.faults.seed", 20261125);
    private static final Shape SHAPE =
            new Shape(IMAGES, 10, Duration.ofMillis(80), Duration.ofSeconds(6));
    private static final Duration GRACE = Duration.ofSeconds(30);

    @Test
    void aJobGoesOnThroughAnUpgradeAndARollback() throws Exception {
        try (World world = new World(SEED, IMAGES);
                Scenario s =
                        new Scenario(world, "upgrade", SHAPE, Map.of(), world.application)
                                .ofSeveralVersions()) {
            s.fleet.coordinator().ready();
            s.fleet.translator().ready();
            s.fleet.translator().ready();
            s.watch().submit().awaitDone(IMAGES / 10);

            Path later = world.broken(Patches.WRITE_MORE);
            replaceAll(s, later);
            assertThat(s.ledger().eventRecords())
                    .describedAs("what the later version wrote")
                    .anyMatch(
                            r ->
                                    new String(r.value(), StandardCharsets.UTF_8)
                                            .contains("addedLater"));
            s.awaitDone(IMAGES / 2);
            replaceAll(s, world.application);
            s.fleet.use(later);
            s.fleet.translator();

            FaultReport report = s.settle(Duration.ofMinutes(2));
            report.assertNothingLostNothingTwice();
            assertThat(report.startedAgain()).describedAs("%s", report).isZero();
            assertThat(s.fleet.harms()).isEmpty();
        }
    }

    /** As a Deployment does it: one more, and when that is ready, one less. */
    private static void replaceAll(Scenario s, Path application) throws Exception {
        s.fleet.use(application);
        for (String role : new String[] {"coordinator", "translator"}) {
            for (Member old : s.fleet.alive(role)) {
                s.fleet.start(role, Map.of(), List.of()).ready();
                assertThat(old.terminate(GRACE)).describedAs(old.name()).isZero();
            }
        }
    }
}
