package io.pix2pix.bench;

import io.pix2pix.engine.TensorEngine;
import io.pix2pix.engine.TrainingBatch;
import io.pix2pix.engine.TrainingProgram;
import io.pix2pix.network.Initialization;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** The bare training step: the same pairs in memory again and again, nothing read or written. */
public final class StepBench {
    private static final int WARM_UP = 3;
    private static final double RATE = 2e-4;

    private final TensorEngine engine;
    private final TrainingSpec spec;

    public StepBench(TensorEngine engine, TrainingSpec spec) {
        this.engine = engine;
        this.spec = spec;
    }

    /** One batch of noise, which costs what pictures cost. */
    public static TrainingBatch noise(TrainingSpec spec, int batchSize, int size) {
        Random random = new Random(1);
        int area = batchSize * size * size;
        float[] inputs = new float[area * spec.generator().inputChannels()];
        float[] targets = new float[area * spec.generator().outputChannels()];
        for (float[] each : new float[][] {inputs, targets}) {
            for (int i = 0; i < each.length; i++) {
                each[i] = 2 * random.nextFloat() - 1;
            }
        }
        return new TrainingBatch(batchSize, size, size, inputs, targets);
    }

    /**
     * Runs some steps.
     *
     * @param batchSize pairs a step
     * @param size width and height, in pixels
     * @return what each cost, without the first few
     */
    List<Measured> run(int batchSize, int size, int steps) throws Exception {
        TrainingBatch batch = noise(spec, batchSize, size);
        TrainingState start = TrainingState.initial(spec, Initialization.NORMAL, 1);
        List<Measured> measured = new ArrayList<>();
        try (TrainingProgram program =
                TrainingProgram.open(engine, spec, start, Statistics.INSTANCE)) {
            for (int i = 0; i < WARM_UP + steps; i++) {
                long step = i;
                Measured one = Measured.of(batchSize, () -> program.step(batch, 1, 0, step, RATE));
                if (i >= WARM_UP) {
                    measured.add(one);
                }
            }
        }
        return measured;
    }

    /** Runs some steps and prints one line. */
    public void print(PrintWriter out, int batchSize, int size, int steps) throws Exception {
        List<Measured> measured = run(batchSize, size, steps);
        double wall = batchSize * Measured.median(measured, Measured::wallMillis);
        double core = batchSize * Measured.median(measured, Measured::coreMillis);
        out.printf(
                Locale.ROOT,
                "bare step, batch %d, %d x %d, %s: %.0f ms, %.0f core-ms, %.2f images/s (median of %d)%n",
                batchSize,
                size,
                size,
                spec.precision().word(),
                wall,
                core,
                batchSize * 1e3 / wall,
                steps);
        out.flush();
    }
}
