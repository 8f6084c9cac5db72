package io.pix2pix.translation;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.failure.Failure;
import io.pix2pix.telemetry.Meters;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What is measured of images, batches and models in this process, all its slots together. */
final class TranslationMetrics {
    private static final Map<Step, Timer> STEPS = new EnumMap<>(Step.class);
    private static final Map<Outcome, Counter> IMAGES = new EnumMap<>(Outcome.class);
    private static final Counter UNFINISHED = images("unfinished");
    private static final AtomicInteger IN_FLIGHT = new AtomicInteger();
    private static final DistributionSummary BATCH =
            Meters.counts("pix2pix.batch", "images", "Images a batch");
    private static final Timer MODEL_LOAD =
            Meters.times(
                    "pix2pix.model.load", "Loading a model onto the device, its download included");
    private static final Counter MODEL_EVICTIONS =
            Meters.counter("pix2pix.model.evictions", "Models taken off the device");

    static {
        for (Step step : Step.values()) {
            STEPS.put(
                    step,
                    Meters.times(
                            "pix2pix.image.step",
                            "A step of an image's way; generate is of a batch",
                            "step",
                            label(step)));
        }
        for (Outcome outcome : Outcome.values()) {
            IMAGES.put(outcome, images(label(outcome)));
        }
        Meters.gauge(
                "pix2pix.images.in.flight",
                null,
                "Images between fetch and put",
                IN_FLIGHT,
                AtomicInteger::get);
    }

    private TranslationMetrics() {}

    /** Shows that nothing happened yet. */
    static void expect() {
        // All but the failures are there as soon as this class is.
    }

    static void step(Step step, long nanos) {
        Objects.requireNonNull(STEPS.get(step)).record(nanos, TimeUnit.NANOSECONDS);
    }

    static void batch(int images) {
        BATCH.record(images);
    }

    static void imageBegins() {
        IN_FLIGHT.incrementAndGet();
    }

    /** An image that {@link #imageBegins began} is through, with this result. */
    static void imageEnds(TranslationResult result) {
        IN_FLIGHT.decrementAndGet();
        count(result);
    }

    /** An image that {@link #imageBegins began} is left to another attempt. */
    static void imageIsLeft() {
        IN_FLIGHT.decrementAndGet();
        UNFINISHED.increment();
    }

    static void count(TranslationResult result) {
        Objects.requireNonNull(IMAGES.get(result.outcome())).increment();
        Failure failure = result.failure();
        if (failure != null) {
            Meters.counter(
                            "pix2pix.image.failures",
                            "Why images failed",
                            "stage",
                            label(failure.stage()),
                            "code",
                            failure.code())
                    .increment();
        }
    }

    static void modelLoaded(long nanos) {
        MODEL_LOAD.record(nanos, TimeUnit.NANOSECONDS);
    }

    static void modelEvicted() {
        MODEL_EVICTIONS.increment();
    }

    private static Counter images(String outcome) {
        return Meters.counter("pix2pix.images", "Images that ended here", "outcome", outcome);
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
