package io.pix2pix.worker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.translation.TranslationDevice;

/** What metrics tell of devices, tagged with the device's name. */
final class DeviceMetrics {
    private static final String DEVICE = "device";

    /** Where the application's own registry finds them. */
    private static final MeterRegistry REGISTRY = Metrics.globalRegistry;

    private DeviceMetrics() {}

    static void of(DeviceHealth health) {
        Gauge.builder("pix2pix.device.broken", health, h -> h.isBroken() ? 1 : 0)
                .description("1 when the device is broken and the process is to be restarted")
                .tag(DEVICE, health.device())
                .register(REGISTRY);
    }

    static void of(TranslationDevice device) {
        FunctionCounter.builder(
                        "pix2pix.device.out.of.memory", device, TranslationDevice::outOfMemory)
                .description("Batches that did not fit the device's memory")
                .tag(DEVICE, device.name())
                .register(REGISTRY);
        Gauge.builder("pix2pix.device.limited.batches", device, TranslationDevice::limitedBatches)
                .description(
                        "Models and image shapes whose batches are smaller than configured for want"
                                + " of memory")
                .tag(DEVICE, device.name())
                .register(REGISTRY);
    }
}
