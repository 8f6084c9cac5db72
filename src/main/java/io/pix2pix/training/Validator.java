package io.pix2pix.training;

import io.pix2pix.dataset.ValidationPair;
import io.pix2pix.dataset.ValidationPairs;
import io.pix2pix.event.TrainingEvent.Metrics;
import io.pix2pix.image.Pixels;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Measures a generator on pairs that it was not trained on. For one thread. */
final class Validator {
    private static final int BATCH = 8;

    private final UnaryOperator<List<Pixels>> generator;
    private final int samples;
    private final List<ValidationMetrics> measured = new ArrayList<>();
    private final List<SampleSheet.Row> rows = new ArrayList<>();

    /**
     * @param generator translates a batch
     * @param samples how many pairs the sample sheet shows
     */
    Validator(UnaryOperator<List<Pixels>> generator, int samples) {
        this.generator = generator;
        this.samples = samples;
    }

    /**
     * Goes through all pairs.
     *
     * @param goOn asked after each batch
     * @return false when it ended early because it was not to go on
     */
    boolean measure(ValidationPairs pairs, BooleanSupplier goOn) throws InterruptedException {
        try (ValidationPairs.Pass pass = pairs.pass()) {
            List<ValidationPair> batch = new ArrayList<>(BATCH);
            ValidationPair pair = pass.next();
            while (pair != null) {
                batch.add(pair);
                pair = pass.next();
                if (pair == null || batch.size() == BATCH || !isLike(batch.get(0), pair)) {
                    measure(batch);
                    batch.clear();
                    if (!goOn.getAsBoolean()) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** One forward pass takes pictures of one depth only. */
    private static boolean isLike(ValidationPair first, ValidationPair next) {
        return first.input().bits() == next.input().bits();
    }

    private void measure(List<ValidationPair> batch) {
        List<Pixels> generated =
                generator.apply(batch.stream().map(ValidationPair::input).toList());
        for (int i = 0; i < batch.size(); i++) {
            ValidationPair pair = batch.get(i);
            measured.add(ValidationMetrics.of(generated.get(i), pair.target()));
            if (rows.size() < samples) {
                rows.add(
                        new SampleSheet.Row(
                                pair.name(), pair.input(), generated.get(i), pair.target()));
            }
        }
    }

    /**
     * @param sheet where the sample sheet is; null without one
     */
    Metrics means(@Nullable String sheet) {
        return ValidationMetrics.mean(measured, sheet);
    }

    /** The first pairs as a PNG; null when none is wanted. */
    byte @Nullable [] sheet() {
        return rows.isEmpty() ? null : SampleSheet.png(rows);
    }
}
