package io.pix2pix.storage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.pix2pix.telemetry.Meters;
import java.util.concurrent.TimeUnit;

/** What is measured of requests to the storage. */
final class StorageMetrics {
    private static final Timer READ = requests("read", "success");
    private static final Timer READ_FAILED = requests("read", "failure");
    private static final Timer WRITTEN = requests("write", "success");
    private static final Timer WRITE_FAILED = requests("write", "failure");

    static {
        var unused = retries(S3Failures.UNAVAILABLE);
    }

    private StorageMetrics() {}

    private static Timer requests(String access, String outcome) {
        return Meters.times(
                "pix2pix.storage.request",
                "Requests to the storage with all their tries",
                "access",
                access,
                "outcome",
                outcome);
    }

    private static Counter retries(String code) {
        return Meters.counter("pix2pix.storage.retries", "Tries that were repeated", "code", code);
    }

    /** So that the metrics are there before the first request. */
    static void expectRequests() {}

    static void answered(Errand errand, long startNanos) {
        record(errand.writes() ? WRITTEN : READ, startNanos);
    }

    static void failed(Errand errand, long startNanos) {
        record(errand.writes() ? WRITE_FAILED : READ_FAILED, startNanos);
    }

    private static void record(Timer timer, long startNanos) {
        timer.record(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
    }

    static void retried(String code) {
        retries(code).increment();
    }
}
