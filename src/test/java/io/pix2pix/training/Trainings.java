package io.pix2pix.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingEvent.Metrics;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.network.Initialization;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.S3Uri;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Small jobs and states. */
final class Trainings {
    static final DatasetSummary DATASET = new DatasetSummary(40, 40, "f1", 4);

    private Trainings() {}

    /** A job with networks of some thousand weights. */
    static TrainingJob job(String jobId, S3Uri output, String... settings) {
        String json =
                """
                {"jobId": "%s", "dataset": {"uri": "s3://photos/train/"}, "output": {"uri": "%s"},
                 "generator": {"network": "unet_8", "filters": 2},
                 "discriminator": {"network": "basic", "filters": 2, "layers": 1},
                 "training": {"loadSize": 18, "cropSize": 16}}
                """
                        .formatted(jobId, output);
        try {
            ObjectNode tree = (ObjectNode) Json.mapper().readTree(json);
            for (String setting : settings) {
                Json.mapper().readerForUpdating(tree).readValue(setting);
            }
            return Json.read(tree.toString().getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A state in which every number is another. */
    static TrainingState state(TrainingJob job, long seed, long steps) {
        TrainingState initial =
                TrainingState.initial(Networks.of(job), Initialization.NORMAL, seed);
        Random random = new Random(seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        initial.tensors()
                .forEach(
                        (name, tensor) -> {
                            float[] values = new float[tensor.floats().length];
                            for (int i = 0; i < values.length; i++) {
                                values[i] = random.nextFloat();
                            }
                            tensors.put(
                                    name,
                                    tensor.isCount()
                                            ? Tensor.count(steps)
                                            : Tensor.of(values, tensor.shape()));
                        });
        return new TrainingState(tensors);
    }

    /** Between two epochs. */
    static Progress after(int epochs) {
        return new Progress(
                epochs,
                40L * epochs,
                null,
                new Progress.Best(1, new Metrics(0.1 + 0.2, 20, 0.5, null), "s3://b/best/"),
                2,
                DATASET);
    }

    /** In the middle of an epoch. */
    static Progress within(int epochs, int steps) {
        return new Progress(
                epochs,
                40L * epochs + steps,
                new EpochProgress(0.1, 1 / 3.0, 2, 3, steps, 12, 34),
                null,
                0,
                DATASET);
    }
}
