package io.pix2pix.training;

import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.training.CheckpointInfo.StoredFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A prefix that a checkpoint lies or lay below, such as {@code checkpoints/e0010-s00004000/}, as a
 * listing shows it.
 *
 * @param uri ends in a slash
 * @param epoch finished epochs
 * @param step steps since the beginning
 * @param sizes bytes of the objects by name
 */
record CheckpointFolder(S3Uri uri, int epoch, long step, Map<String, Long> sizes) {
    static final String INFO = "checkpoint.json";
    static final String TRAINING = "training.safetensors";
    static final String GENERATOR = "generator.pt";

    private static final Pattern NAME =
            Pattern.compile("e(\\d{4,9})-s(\\d{8,18})/([A-Za-z0-9._-]+)");

    /** Where all checkpoints of an output lie. */
    static S3Uri all(S3Uri output) {
        return output.resolve("checkpoints/");
    }

    static S3Uri of(S3Uri output, int epoch, long step) {
        return all(output).resolve("e%04d-s%08d/".formatted(epoch, step));
    }

    /** Those below an output, the newest first. */
    static List<CheckpointFolder> list(ObjectStore store, S3Uri output) {
        S3Uri all = all(output);
        Map<String, CheckpointFolder> folders = new TreeMap<>();
        try (Stream<StoredObject> objects = store.list(all, null)) {
            objects.forEach(
                    object -> {
                        String below = object.uri().key().substring(all.key().length());
                        Matcher name = NAME.matcher(below);
                        if (name.matches()) {
                            String folder = below.substring(0, below.indexOf('/') + 1);
                            folders.computeIfAbsent(
                                            folder,
                                            unknown ->
                                                    new CheckpointFolder(
                                                            all.resolve(folder),
                                                            Integer.parseInt(name.group(1)),
                                                            Long.parseLong(name.group(2)),
                                                            new LinkedHashMap<>()))
                                    .sizes
                                    .put(name.group(3), object.size());
                        }
                    });
        }
        List<CheckpointFolder> newestFirst = new ArrayList<>(folders.values());
        newestFirst.sort(
                Comparator.comparingLong(CheckpointFolder::step)
                        .thenComparingInt(CheckpointFolder::epoch)
                        .reversed());
        return newestFirst;
    }

    boolean hasInfo() {
        return sizes.containsKey(INFO);
    }

    /** Whether the files that the JSON speaks of are there and of its sizes. */
    boolean holds(CheckpointInfo info) {
        return Stream.of(info.training(), info.generator()).allMatch(this::holds);
    }

    private boolean holds(StoredFile file) {
        return Long.valueOf(file.size()).equals(sizes.get(file.name()));
    }
}
