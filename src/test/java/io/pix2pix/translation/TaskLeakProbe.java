package io.pix2pix.translation;

import io.pix2pix.engine.EngineSettings;
import io.pix2pix.engine.ForgetfulGenerator;
import io.pix2pix.engine.Generator;
import io.pix2pix.engine.Generators;
import io.pix2pix.engine.TensorEngine;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import io.pix2pix.testing.Growth;
import io.pix2pix.testing.Models;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Measures what whole tasks leave behind; run as a process of its own. */
final class TaskLeakProbe {
    private static final int IMAGES = 2;
    private static final AtomicInteger JOBS = new AtomicInteger();

    private TaskLeakProbe() {}

    /** Arguments: endpoint, access key, secret key, prefix. */
    public static void main(String[] args) throws Exception {
        TensorEngine engine = TensorEngine.open(new EngineSettings("cpu", 1, null, null));
        Path file = Files.createTempFile("leak", ".pt");
        Models.small(file, 3, 1);
        StorageSettings storage = StorageSettings.at(URI.create(args[0]), args[1], args[2]);
        S3Uri prefix = S3Uri.parse(args[3]);
        Generators generators = new Generators(engine);
        try (ObjectStore store = new ObjectStore(storage)) {
            Generator good = generators.load(file, null);
            measure("tasks", 600, 100, engine, store, prefix.resolve("good/"), good);
            Generator bad = new ForgetfulGenerator(engine, generators.load(file, null));
            measure("forgetful-tasks", 1, 5, engine, store, prefix.resolve("bad/"), bad);
        } finally {
            Files.delete(file);
        }
    }

    private static void measure(
            String name,
            int warmUp,
            int times,
            TensorEngine engine,
            ObjectStore store,
            S3Uri prefix,
            Generator generator)
            throws Exception {
        try (Workplace workplace = new Workplace(store, prefix, generator, 2, 4)) {
            workplace.putImages(IMAGES);
            System.out.println(
                    Growth.of(name, warmUp, times, engine::liveArrays, () -> task(workplace))
                            .print());
        }
    }

    private static void task(Workplace workplace) {
        String id = "job-" + JOBS.incrementAndGet();
        TranslationJob like = workplace.job(id, IfExists.SKIP, new Size(Size.Mode.PAD, 0, 0), 256);
        // Nothing of it is there: what another job made of the same inputs would be taken over.
        String output = workplace.outputs().resolve(id + "/").toString();
        TranslationJob job =
                new TranslationJob(
                        id,
                        like.model(),
                        like.input(),
                        new TranslationJob.Output(
                                output, TranslationJob.Format.PNG, 0, IfExists.SKIP),
                        like.size(),
                        like.shardSize());
        TranslationTask task = workplace.planned(job, 0);
        ShardOutcome outcome = workplace.translate(task, 1);
        boolean done =
                outcome.results().size() == IMAGES
                        && outcome.results().stream()
                                .allMatch(r -> r.outcome() == Outcome.SUCCEEDED);
        if (!done) {
            throw new AssertionError(outcome.results().toString());
        }
    }
}
