package io.pix2pix.worker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Metrics;
import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.GpuMemory;
import io.pix2pix.telemetry.Meters;
import io.pix2pix.translation.TranslationDevice;
import io.pix2pix.translation.TranslationExecutors;

/** What metrics tell of devices, tagged with the device's name, and of what waits for them. */
final class DeviceMetrics {
    private static final String DEVICE = "device";
    private static final String QUEUE = "queue";

    private DeviceMetrics() {}

    static void of(DeviceHealth health) {
        Meters.gauge(
                "pix2pix.device.broken",
                null,
                "1 when the device is broken and the process is to be restarted",
                health,
                h -> h.isBroken() ? 1 : 0,
                DEVICE,
                health.device());
    }

    static void of(GpuMemory memory, String device) {
        Meters.gauge(
                "pix2pix.device.memory.used",
                "bytes",
                "A GPU's memory in use, by whomever",
                memory,
                GpuMemory::used,
                DEVICE,
                device);
        Meters.gauge(
                "pix2pix.device.memory.total",
                "bytes",
                "A GPU's memory",
                memory,
                GpuMemory::total,
                DEVICE,
                device);
    }

    static void of(TranslationDevice device) {
        FunctionCounter.builder(
                        "pix2pix.device.out.of.memory", device, TranslationDevice::outOfMemory)
                .description("Batches that did not fit the device's memory")
                .tag(DEVICE, device.name())
                .register(Metrics.globalRegistry);
        Meters.gauge(
                "pix2pix.device.limited.batches",
                null,
                "Models and image shapes whose batches are smaller than configured for want of"
                        + " memory",
                device,
                TranslationDevice::limitedBatches,
                DEVICE,
                device.name());
        Meters.gauge(
                "pix2pix.models.loaded",
                null,
                "Models on the device",
                device,
                TranslationDevice::modelsLoaded);
        Meters.gauge(
                "pix2pix.queue.depth",
                null,
                "What waits for a thread",
                device,
                TranslationDevice::waiting,
                QUEUE,
                "device");
    }

    static void of(TranslationExecutors executors) {
        Meters.gauge(
                "pix2pix.queue.depth",
                null,
                "What waits for a thread",
                executors,
                TranslationExecutors::waitingForIo,
                QUEUE,
                "io");
        Meters.gauge(
                "pix2pix.queue.depth",
                null,
                "What waits for a thread",
                executors,
                TranslationExecutors::waitingForCodec,
                QUEUE,
                "codec");
    }
}
