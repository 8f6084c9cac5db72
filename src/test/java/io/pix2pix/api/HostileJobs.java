package io.pix2pix.api;

import io.pix2pix.storage.S3Uri;
import java.util.List;

/**
 * Jobs that name what they may not have, where {@code in/}, {@code models/} and {@code out/} are
 * allowed.
 */
final class HostileJobs {
    private HostileJobs() {}

    /** As they stand in JSON. */
    static List<String> uris(S3Uri base, String trapAt) {
        String allowed = base.resolve("in/").toString();
        return List.of(
                "file:///etc/",
                "/etc/",
                "http://" + trapAt + "/x/",
                "data:,x/",
                "jar:file:/etc/hosts!/",
                "s3://" + trapAt + "/x/",
                "s3://user@" + trapAt + "/x/",
                "s3://" + base.bucket() + "#@" + trapAt + "/",
                "s3://another-bucket/",
                "s3://" + base.bucket() + "/",
                base.resolve("secret/").toString(),
                allowed + "../secret/",
                allowed + "%2e%2e/secret/",
                allowed + "..%2fsecret/",
                allowed + "%252e%252e%252fsecret/",
                allowed + "..\\\\secret/",
                allowed + "\\u0000/../secret/",
                "S3://" + base.bucket() + "/",
                "s3://" + base.bucket() + "\\r\\nHost: " + trapAt + "/x/");
    }

    /** One for each field, in which all others are as they may be; each is called JOB. */
    static List<String> naming(String uri, S3Uri base) {
        String model = base.resolve("models/generator.pt").toString();
        String in = base.resolve("in/").toString();
        String out = base.resolve("out/hostile/").toString();
        String file = uri + "treasure.png";
        String translation =
                "{\"jobId\": \"JOB\", \"model\": {\"uri\": \"%s\"}, \"input\": {\"uri\": \"%s\", \"manifest\": %s}, \"output\": {\"uri\": \"%s\"}}";
        String training =
                "{\"jobId\": \"JOB\", \"dataset\": {\"uri\": \"%s\"}, \"output\": {\"uri\": \"%s\"}, \"validation\": {\"uri\": \"%s\"}%s}";
        String pairs = in + "pairs/";
        return List.of(
                translation.formatted(file, in, "false", out),
                translation.formatted(model, uri, "false", out),
                translation.formatted(model, file, "false", out),
                translation.formatted(model, file, "true", out),
                translation.formatted(model, in, "false", uri),
                training.formatted(uri, out, pairs, ""),
                training.formatted(pairs, uri, pairs, ""),
                training.formatted(pairs, out, uri, ""),
                training.formatted(pairs, out, pairs, ", \"initFrom\": \"" + file + "\""),
                training.formatted(pairs, out, pairs, ", \"resumeFrom\": \"" + file + "\""));
    }
}
