package io.pix2pix.bench;

import io.pix2pix.engine.EngineSettings;
import io.pix2pix.engine.TensorEngine;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.local.LocalStack;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.training.Networks;
import io.pix2pix.worker.Settings;
import io.pix2pix.worker.Worker;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The whole training path (pairs in S3, a job through Kafka, a worker in this process) beside the
 * bare step on tensors in memory, in turns in the same run.
 */
public final class TrainBench {
    /**
     * What to measure.
     *
     * @param files side-by-side pairs, used again under other names until there are enough
     * @param pairs steps an epoch, the batch size being 1
     * @param epochs a job; the first one, which fetches and decodes, does not count
     * @param rounds jobs, of which the median counts
     * @param size pixels that the network is given; pairs are loaded at 286/256 of it
     */
    public record Plan(
            List<Path> files,
            int pairs,
            int epochs,
            int rounds,
            String network,
            int filters,
            int size,
            String precision) {}

    private final Plan plan;
    private final Path folder;
    private final PrintWriter out;

    /**
     * @param folder for the servers' data; may be deleted afterwards
     */
    public TrainBench(Plan plan, Path folder, PrintWriter out) {
        this.plan = plan;
        this.folder = folder;
        this.out = out;
    }

    /** Measures and prints a table. */
    public void run() throws Exception {
        try (LocalStack stack =
                        LocalStack.embed(
                                LocalStack.Settings.onFreePorts(folder.resolve("stack")),
                                out::println);
                ObjectStore store = new ObjectStore(stack.storage())) {
            for (int i = 0; i < plan.pairs(); i++) {
                byte[] file = Files.readAllBytes(plan.files().get(i % plan.files().size()));
                store.create(
                        base().resolve("pairs/%05d.jpg".formatted(i)),
                        file,
                        "image/jpeg",
                        Map.of());
            }
            measure(JobClient.settings(stack, folder, Map.of("pix2pix.training.slice", "1h")));
        }
    }

    private void measure(Settings settings) throws Exception {
        TrainingSpec spec = Networks.of(job("spec"));
        StepBench bare = new StepBench(TensorEngine.open(EngineSettings.DEFAULT), spec);
        Worker worker = settings.worker();
        worker.start();
        List<Measured> steps = new ArrayList<>();
        List<Measured> first = new ArrayList<>();
        List<Measured> whole = new ArrayList<>();
        List<Double> busy = new ArrayList<>();
        List<Long> resident = new ArrayList<>();
        try (JobClient client = new JobClient(settings)) {
            for (int round = 0; round < plan.rounds(); round++) {
                steps.addAll(bare.run(1, plan.size(), plan.pairs()));
                List<EpochCompleted> epochs = epochs(client.run(job("bench-" + round)));
                first.add(epoch(epochs.get(0)));
                for (EpochCompleted each : epochs.subList(1, epochs.size())) {
                    whole.add(epoch(each));
                    busy.add(each.deviceShare());
                }
                resident.add(residentMiB("VmRSS:"));
            }
        } finally {
            worker.drain();
        }
        print(steps, first, whole, busy, resident);
    }

    /** In order, each once. */
    private static List<EpochCompleted> epochs(List<JobStatus> statuses) {
        List<EpochCompleted> epochs = new ArrayList<>();
        for (JobStatus status : statuses) {
            JobStatus.Training training = status.training();
            EpochCompleted last = training == null ? null : training.last();
            if (last != null && last.epoch() == epochs.size() + 1) {
                epochs.add(last);
            }
        }
        return epochs;
    }

    private Measured epoch(EpochCompleted epoch) {
        long wall = Math.round(plan.pairs() / epoch.imagesPerSecond() * 1e9);
        return new Measured(plan.pairs(), wall, 0);
    }

    private void print(
            List<Measured> steps,
            List<Measured> first,
            List<Measured> whole,
            List<Double> busy,
            List<Long> resident)
            throws IOException {
        out.printf("%n%-34s %10s %10s%n", "", "images/s", "ms/step");
        print("bare step", steps);
        print("whole loop, first epoch", first);
        print("whole loop, later epochs", whole);
        double ratio =
                Measured.median(whole, Measured::imagesPerSecond)
                        / Measured.median(steps, Measured::imagesPerSecond);
        out.printf("%nwhole loop / bare step:            %.3f%n", ratio);
        out.printf(
                "device busy in later epochs:       %.3f%n",
                busy.stream().mapToDouble(d -> d).average().orElse(0));
        out.printf(
                "resident memory after each job:    %s MiB, peak %d MiB%n",
                resident, residentMiB("VmHWM:"));
        out.printf(
                "%s, %d filters, %d x %d, batch 1, %s; %d steps an epoch, %d jobs in turns, %d cores%n",
                plan.network(),
                plan.filters(),
                plan.size(),
                plan.size(),
                plan.precision(),
                plan.pairs(),
                plan.rounds(),
                Runtime.getRuntime().availableProcessors());
        out.flush();
    }

    private void print(String name, List<Measured> measured) {
        out.printf(
                "%-34s %10.2f %10.1f%n",
                name,
                Measured.median(measured, Measured::imagesPerSecond),
                Measured.median(measured, Measured::wallMillis));
    }

    /** A line of {@code /proc/self/status}, see proc(5). */
    static long residentMiB(String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return 0;
    }

    private TrainingJob job(String id) {
        String json =
                """
                {"jobId": "%s", "dataset": {"uri": "%s"}, "output": {"uri": "%s"},
                 "generator": {"network": "%s", "filters": %d},
                 "discriminator": {"filters": %d},
                 "training": {"epochs": %d, "decayEpochs": 0, "loadSize": %d, "cropSize": %d,
                              "precision": "%s"}}
                """
                        .formatted(
                                id,
                                base().resolve("pairs/"),
                                base().resolve(id + "/"),
                                plan.network(),
                                plan.filters(),
                                plan.filters(),
                                plan.epochs(),
                                plan.size() * 286 / 256,
                                plan.size(),
                                plan.precision());
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
    }

    private static S3Uri base() {
        return new S3Uri(LocalStack.BUCKET, "bench/");
    }
}
