package io.pix2pix.translation;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.storage.S3Uri;

/**
 * Where a translation job's objects lie.
 *
 * <pre>
 * s3://results/maps-001/                         output: the images, by their key below the input prefix
 *   _pix2pix/&lt;jobId&gt;/job.json                   the job and its digest, written first
 *   _pix2pix/&lt;jobId&gt;/manifest/00000.jsonl       a shard's inputs (lines of ManifestEntry), immutable
 *   _pix2pix/&lt;jobId&gt;/manifest/plan.json         written last: how many shards and images
 *   _pix2pix/&lt;jobId&gt;/results/00000.jsonl        a shard's results (lines of TranslationResult), its commit point
 *   _pix2pix/&lt;jobId&gt;/careful/00000-1             a mark for each careful attempt at a shard over which workers died
 *   _pix2pix/&lt;jobId&gt;/report.json, failures.jsonl
 * </pre>
 *
 * @param output prefix of the images; its key is empty or ends in a slash
 * @param jobId the job
 */
public record JobLayout(S3Uri output, String jobId) {
    public static final String BOOKKEEPING = "_pix2pix/";

    public JobLayout {
        if (!output.isPrefix()) {
            throw new IllegalArgumentException("Not a prefix: " + output);
        }
    }

    /**
     * The job's layout. An output URI without its trailing slash means the same prefix as with it:
     * results of a job always go below, never into one object.
     *
     * @throws IllegalArgumentException when the output's URI is none
     */
    public static JobLayout of(TranslationJob job) {
        S3Uri output = S3Uri.parse(job.output().uri());
        return new JobLayout(output.isPrefix() ? output : output.resolve("/"), job.jobId());
    }

    /** All that is no image. */
    public S3Uri bookkeeping() {
        return output.resolve(BOOKKEEPING + jobId + "/");
    }

    public S3Uri job() {
        return bookkeeping().resolve("job.json");
    }

    public S3Uri manifests() {
        return bookkeeping().resolve("manifest/");
    }

    public S3Uri manifest(int shard) {
        return manifests().resolve("%05d.jsonl".formatted(shard));
    }

    public S3Uri plan() {
        return manifests().resolve("plan.json");
    }

    public S3Uri results(int shard) {
        return bookkeeping().resolve("results/%05d.jsonl".formatted(shard));
    }

    /**
     * @param number of the careful attempt, from 1
     */
    S3Uri careful(int shard, int number) {
        return bookkeeping().resolve("careful/%05d-%d".formatted(shard, number));
    }

    public S3Uri report() {
        return bookkeeping().resolve("report.json");
    }

    public S3Uri failures() {
        return bookkeeping().resolve("failures.jsonl");
    }

    /** Whether a key is some job's bookkeeping, wherever below a bucket it lies. */
    static boolean isBookkeeping(String key) {
        return key.startsWith(BOOKKEEPING) || key.contains("/" + BOOKKEEPING);
    }
}
