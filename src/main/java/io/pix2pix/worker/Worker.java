package io.pix2pix.worker;

import io.pix2pix.api.Coordination;
import io.pix2pix.dataset.DatasetPlanner;
import io.pix2pix.dataset.PairedDatasets;
import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.EngineSettings;
import io.pix2pix.engine.Generator;
import io.pix2pix.engine.Generators;
import io.pix2pix.engine.GpuMemory;
import io.pix2pix.engine.StandIn;
import io.pix2pix.engine.TensorEngine;
import io.pix2pix.event.TranslationJob.Normalization;
import io.pix2pix.messaging.BrokerProbe;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.CommandHandler;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.messaging.Quarantine;
import io.pix2pix.messaging.Queue;
import io.pix2pix.messaging.QueueHandler;
import io.pix2pix.messaging.ReportHandler;
import io.pix2pix.messaging.S3EventHandler;
import io.pix2pix.messaging.StatusFollower;
import io.pix2pix.messaging.SubmissionFollower;
import io.pix2pix.messaging.Topic;
import io.pix2pix.messaging.Topics;
import io.pix2pix.messaging.TrainingEventFollower;
import io.pix2pix.messaging.TrainingHandler;
import io.pix2pix.messaging.TrainingPlanningHandler;
import io.pix2pix.messaging.TranslationHandler;
import io.pix2pix.messaging.TranslationPlanningHandler;
import io.pix2pix.messaging.WorkerContext;
import io.pix2pix.network.Statistics;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.telemetry.Traces;
import io.pix2pix.tracking.Tracker;
import io.pix2pix.training.SliceTrainer;
import io.pix2pix.training.TrainingPlanner;
import io.pix2pix.translation.GeneratorLoader;
import io.pix2pix.translation.ModelCache;
import io.pix2pix.translation.ModelFiles;
import io.pix2pix.translation.Planner;
import io.pix2pix.translation.ReportWriter;
import io.pix2pix.translation.ShardTranslator;
import io.pix2pix.translation.TranslationConfig;
import io.pix2pix.translation.TranslationDevice;
import io.pix2pix.translation.TranslationExecutors;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one process and how they are joined: what coordinator, translator and trainer are
 * made of can be read here from top to bottom.
 */
@ApplicationScoped
public class Worker {
    private static final Logger LOG = Logger.getLogger(Worker.class);

    /** Two tasks at a time: while one computes, the other fetches and decodes. */
    private static final int SLOTS = 2;

    /** For what has to be said and closed after the last task; all within half a minute. */
    private static final Duration DRAIN_MARGIN = Duration.ofSeconds(7);

    private final Configuration config;
    private final Clock clock = Clock.systemUTC();
    private final List<Queue> queues = new ArrayList<>();

    /** Those whose work needs the device. */
    private final List<Queue> deviceQueues = new CopyOnWriteArrayList<>();

    private final List<TranslationDevice> devices = new ArrayList<>();
    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private @Nullable Tracker tracker;
    private final WorkerHealth health;
    private final CompletableFuture<DeviceHealth> broken = new CompletableFuture<>();
    private Coordination.@Nullable Parts coordination;

    /** Held here, since metrics hold nothing. */
    private Optional<GpuMemory> gpuMemory = Optional.empty();

    public Worker(Configuration config) {
        this.config = config;
        this.health = new WorkerHealth(config.health(), config.tasks().stall());
    }

    /** Whether it is well. */
    public WorkerHealth health() {
        return health;
    }

    /** Completed with the device that breaks, if one does. */
    public CompletableFuture<DeviceHealth> broken() {
        return broken;
    }

    public String name() {
        return config.worker().name().orElseGet(Worker::hostAndPid);
    }

    public Set<Role> roles() {
        return config.worker().roles();
    }

    /** The devices that translate here; empty before {@link #start}. */
    public List<TranslationDevice> devices() {
        return List.copyOf(devices);
    }

    /** What REST works with; empty without the role coordinator and before {@link #start}. */
    public Optional<Coordination.Parts> coordination() {
        return Optional.ofNullable(coordination);
    }

    /** Starts the configured parts; returns when they take work. */
    public void start() throws InterruptedException {
        ProcessMetrics.register();
        startTracing(config.tracing());
        Clients clients = new Clients(config.messaging());
        new Topics(clients).ensure();
        ObjectStore store = closeLater(new ObjectStore(config.storage()));
        BrokerProbe brokers = closeLater(new BrokerProbe(clients));
        health.watch("kafka", () -> brokers.check(config.health().patience()));
        health.watch("storage", () -> store.check(config.health().patience()));
        closeLater(health);
        Publisher publisher = closeLater(new Publisher(clients, clock, name()));
        StatusFollower statuses = closeLater(new StatusFollower(clients).start());
        WorkerContext context =
                new WorkerContext(statuses, publisher, config.tasks(), clock, name());
        if (roles().contains(Role.COORDINATOR)) {
            startCoordinator(clients, store, context);
        }
        boolean needed = roles().contains(Role.TRANSLATOR) || roles().contains(Role.TRAINER);
        if (needed && config.worker().device().equals("stand-in")) {
            startStandIn(clients, store, context);
        } else if (needed) {
            startDevice(clients, store, context);
        }
        queues.forEach(Queue::start);
        if (broken.isDone()) {
            deviceQueues.forEach(Queue::drain);
        }
        if (needed) {
            PodDeletionCost.start(() -> deviceQueues.stream().anyMatch(Queue::isBusy))
                    .ifPresent(this::closeLater);
        }
        health.started();
    }

    /** First of all and, as what is closed last, to the end. */
    private void startTracing(TracingConfig tracing) {
        tracing.endpoint()
                .ifPresent(
                        endpoint -> closeLater(Traces.export(endpoint, tracing.share(), name())));
    }

    /** What computes, on its device. */
    private void startDevice(Clients clients, ObjectStore store, WorkerContext context) {
        TensorEngine engine = engine();
        DeviceHealth device = watched(engine.health(limits()));
        gpuMemory = engine.memory();
        gpuMemory.ifPresent(memory -> DeviceMetrics.of(memory, engine.device()));
        if (roles().contains(Role.TRANSLATOR)) {
            boolean gpu = engine.device().startsWith("gpu");
            startTranslator(clients, store, context, device, gpu, loader(new Generators(engine)));
        }
        if (roles().contains(Role.TRAINER)) {
            startTrainer(clients, store, context, device, engine);
        }
    }

    /** The device that computes nothing, which can only translate. */
    private void startStandIn(Clients clients, ObjectStore store, WorkerContext context) {
        StandIn standIn = standIn(config.worker().standIn());
        DeviceHealth device = watched(new DeviceHealth("stand-in", standIn::probe, limits()));
        if (roles().contains(Role.TRANSLATOR)) {
            GeneratorLoader loader = (file, normalization) -> standIn.generator();
            startTranslator(clients, store, context, device, false, loader);
        }
    }

    private DeviceHealth watched(DeviceHealth device) {
        device.onBroken(
                () -> {
                    deviceQueues.forEach(Queue::drain);
                    broken.complete(device);
                });
        health.watch(device);
        DeviceMetrics.of(device);
        return device;
    }

    private DeviceHealth.Limits limits() {
        HealthConfig h = config.health();
        return new DeviceHealth.Limits(h.deviceProbes(), h.deviceProbePause(), h.deviceFailures());
    }

    private void startCoordinator(Clients clients, ObjectStore store, WorkerContext context)
            throws InterruptedException {
        Tracker tracker = new Tracker(clients, config.tracking());
        this.tracker = tracker;
        tracker.start();
        health.watch("tracker", tracker::check);
        health.watchLife("tracker", tracker::isDead);
        Planner planner = new Planner(store, config.translation().maxImagesPerJob());
        TrainingPlanner trainings =
                new TrainingPlanner(
                        store, new DatasetPlanner(store, config.dataset()), config.training());
        queue(
                clients,
                Topic.TRAINING_JOBS,
                "training-planner",
                new TrainingPlanningHandler(trainings, context));
        for (int i = 0; i < config.tasks().planners(); i++) {
            queue(
                    clients,
                    Topic.TRANSLATION_JOBS,
                    "planner-" + i,
                    new TranslationPlanningHandler(planner, context));
        }
        SubmissionFollower submissions = closeLater(new SubmissionFollower(clients).start());
        queue(clients, Topic.S3_EVENTS, "s3-events", new S3EventHandler(submissions, context));
        queue(clients, Topic.JOB_COMMANDS, "commands", new CommandHandler(context.publisher()));
        queue(
                clients,
                Topic.REPORT_TASKS,
                "reports",
                new ReportHandler(new ReportWriter(store), context));
        coordination =
                new Coordination.Parts(
                        context.statuses(),
                        submissions,
                        closeLater(new TrainingEventFollower(clients).start()),
                        context.publisher(),
                        store,
                        tracker::isRunning);
    }

    private void startTranslator(
            Clients clients,
            ObjectStore store,
            WorkerContext context,
            DeviceHealth working,
            boolean gpu,
            GeneratorLoader loader) {
        TranslationConfig translation = config.translation();
        ModelFiles files = ModelFiles.of(store, translation, clock);
        ModelCache models =
                closeLater(new ModelCache(files, loader, translation.modelCache().loaded()));
        TranslationExecutors executors = closeLater(new TranslationExecutors(translation));
        DeviceMetrics.of(executors);
        TranslationDevice device =
                closeLater(
                        new TranslationDevice(
                                working.device(),
                                TranslationDevice.batchSize(translation, gpu),
                                models,
                                working));
        devices.add(device);
        Quarantine quarantine = new Quarantine();
        DeviceMetrics.of(device);
        for (int slot = 0; slot < SLOTS; slot++) {
            String slotName = name() + "/" + slot;
            ShardTranslator translator =
                    new ShardTranslator(store, executors, device, translation, slotName, clock);
            deviceQueues.add(
                    queue(
                            new Queue(
                                    clients,
                                    Topic.TRANSLATION_TASKS,
                                    "translator-" + slot,
                                    new TranslationHandler(
                                            translator, quarantine, context.named(slotName)),
                                    quarantine)));
        }
        LOG.infof("Translating on %s, batches of %d", device.name(), device.batchSize());
    }

    private void startTrainer(
            Clients clients,
            ObjectStore store,
            WorkerContext context,
            DeviceHealth working,
            TensorEngine engine) {
        PairedDatasets datasets = new PairedDatasets(store, config.dataset(), clock);
        SliceTrainer trainer =
                new SliceTrainer(
                        store, engine, working, datasets, config.training(), name(), clock);
        deviceQueues.add(
                queue(
                        clients,
                        Topic.TRAINING_TASKS,
                        "trainer",
                        new TrainingHandler(trainer, context)));
        LOG.infof("Training on %s", engine.device());
    }

    private TensorEngine engine() {
        return TensorEngine.open(
                new EngineSettings(
                        config.worker().device(),
                        config.worker().threads().orElse(0),
                        config.worker().natives().map(Path::of).orElse(null),
                        null));
    }

    private static GeneratorLoader loader(Generators generators) {
        return (file, normalization) -> load(generators, file, normalization);
    }

    private static StandIn standIn(WorkerConfig.StandInConfig config) {
        StandIn.Faults faults =
                new StandIn.Faults(
                        config.poison().orElse(null),
                        config.failEvery(),
                        config.outOfMemoryAboveBatch().orElse(Integer.MAX_VALUE),
                        config.breakAfter().orElse(-1));
        if (!faults.equals(StandIn.Faults.NONE)) {
            LOG.warnf("The stand-in device has faults as configured: %s", faults);
        }
        return new StandIn(config.perImage(), faults);
    }

    private static Generator load(
            Generators generators, Path file, @Nullable Normalization normalization) {
        Statistics statistics =
                normalization == null
                        ? null
                        : switch (normalization) {
                            case INSTANCE -> Statistics.INSTANCE;
                            case RUNNING -> Statistics.RUNNING;
                        };
        return generators.load(file, statistics);
    }

    private Queue queue(Clients clients, Topic topic, String name, QueueHandler handler) {
        return queue(new Queue(clients, topic, name, handler));
    }

    private Queue queue(Queue queue) {
        queues.add(queue);
        health.watch(queue);
        return queue;
    }

    private <T extends AutoCloseable> T closeLater(T part) {
        closing.push(part);
        return part;
    }

    /** How long {@link #drain} may take: what goes on for longer waits for what does not come. */
    public Duration drainLimit() {
        return config.tasks().drain().plus(DRAIN_MARGIN);
    }

    /** Takes nothing more, finishes or hands back what is being worked on, closes everything. */
    public void drain() {
        queues.forEach(Queue::drain);
        if (tracker != null) {
            // Another takes over at once, and need not wait for what is being finished here.
            close(tracker);
        }
        queues.forEach(Queue::close);
        while (!closing.isEmpty()) {
            close(closing.pop());
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOG.warnf(e, "Failed to close %s", part);
        }
    }

    private static String hostAndPid() {
        String pid = Long.toString(ProcessHandle.current().pid());
        try {
            return InetAddress.getLocalHost().getHostName() + "-" + pid;
        } catch (UnknownHostException e) {
            return "worker-" + pid;
        }
    }
}
