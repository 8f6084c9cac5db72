package io.pix2pix;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package may know which: dependencies point one way, each library has one home. */
class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.pix2pix");

    private static final String[] KAFKA = {"org.apache.kafka.."};
    private static final String[] DJL = {"ai.djl.."};
    private static final String[] AWS = {"software.amazon.."};
    private static final String[] MICROMETER = {"io.micrometer.."};
    private static final String[] OPEN_TELEMETRY = {"io.opentelemetry.."};
    private static final String[] REST = {"jakarta.ws.rs..", "io.vertx.."};
    private static final String[] FRAMEWORK = {"io.quarkus..", "io.smallrye..", "jakarta.."};

    @Test
    void foundationsKnowNothingElseOfOurs() {
        onlyKnowOfOurs("failure");
        onlyKnowOfOurs("network");
        onlyKnowOfOurs("telemetry");
        onlyKnowOfOurs("event", "failure");
        onlyKnowOfOurs("image", "failure");
    }

    @Test
    void djlIsOnlyInEngine() {
        onlyIn(DJL, "engine");
    }

    @Test
    void kafkaIsOnlyInMessagingTrackingAndLocal() {
        onlyIn(KAFKA, "messaging", "tracking", "local");
    }

    @Test
    void theAwsSdkIsOnlyInStorage() {
        onlyIn(AWS, "storage");
    }

    @Test
    void whatIsMeasuredIsInClassesNamedMetrics() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ours("telemetry")[0])
                .and()
                .haveSimpleNameNotEndingWith("Metrics")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(MICROMETER)
                .check(CLASSES);
    }

    @Test
    void openTelemetryIsOnlyInTelemetry() {
        onlyIn(OPEN_TELEMETRY, "telemetry");
    }

    @Test
    void restIsOnlyInApiWhichKnowsNeitherDevicesNorProcesses() {
        onlyIn(REST, "api");
        noneKnows("api", ours("engine", "torchscript", "local", "cli", "worker"));
    }

    @Test
    void translationAndTrainingDoNotKnowEachOtherNorTheTransport() {
        noneKnows("translation", ours("training", "messaging", "tracking"));
        noneKnows("training", ours("translation", "messaging", "tracking"));
    }

    @Test
    void foundationsKnowNoFramework() {
        for (String name : new String[] {"failure", "event", "image", "network"}) {
            noneKnows(name, FRAMEWORK);
        }
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.pix2pix.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    private static void onlyKnowOfOurs(String name, String... known) {
        String[] allowed =
                Stream.concat(Stream.of(name), Arrays.stream(known)).toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ours(name)[0])
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.pix2pix..")
                                .and(not(resideInAnyPackage(ours(allowed)))))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    private static void onlyIn(String[] library, String... homes) {
        noClasses()
                .that()
                .resideOutsideOfPackages(ours(homes))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(library)
                .check(CLASSES);
    }

    private static void noneKnows(String name, String... packages) {
        noClasses()
                .that()
                .resideInAPackage(ours(name)[0])
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /** Each of these packages of ours and what is below it. */
    private static String[] ours(String... names) {
        return Arrays.stream(names).map(name -> "io.pix2pix." + name + "..").toArray(String[]::new);
    }
}
