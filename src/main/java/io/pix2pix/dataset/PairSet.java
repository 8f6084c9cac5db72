package io.pix2pix.dataset;

import io.pix2pix.event.TrainingJob.Layout;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The pairs below one prefix as they were listed; nothing of their content is known. Takes some 300
 * bytes a file.
 *
 * @param prefix where they lie
 * @param files all image files, by name
 * @param pairs those that have both pictures, by name; a pair's place in this list is its index
 */
record PairSet(S3Uri prefix, List<SourceFile> files, List<SourcePair> pairs) {
    private static final String A = "A/";
    private static final String B = "B/";

    /**
     * Lists the prefix once.
     *
     * @param except prefixes below it that hold something else
     * @param misfits is told of files without their other half
     */
    static PairSet list(
            ObjectStore store, S3Uri prefix, Layout layout, List<S3Uri> except, Misfits misfits) {
        return switch (layout) {
            case SIDE_BY_SIDE -> {
                List<SourceFile> files = images(store, prefix, "", except);
                List<SourcePair> pairs =
                        files.stream().map(f -> new SourcePair(f.name(), f, f)).toList();
                yield new PairSet(prefix, files, pairs);
            }
            case FOLDERS -> folders(store, prefix, except, misfits);
        };
    }

    private static PairSet folders(
            ObjectStore store, S3Uri prefix, List<S3Uri> except, Misfits misfits) {
        List<SourceFile> as = images(store, prefix, A, except);
        List<SourceFile> bs = images(store, prefix, B, except);
        Map<String, SourceFile> left = byStem(bs, B, prefix, misfits);
        List<SourcePair> pairs = new ArrayList<>();
        for (Map.Entry<String, SourceFile> entry : byStem(as, A, prefix, misfits).entrySet()) {
            SourceFile a = entry.getValue();
            SourceFile b = left.remove(entry.getKey());
            if (b == null) {
                missing(a, B, prefix, misfits);
            } else {
                pairs.add(new SourcePair(a.name().substring(A.length()), a, b));
            }
        }
        left.values().forEach(b -> missing(b, A, prefix, misfits));
        pairs.sort(Comparator.comparing(SourcePair::name));
        List<SourceFile> files = new ArrayList<>(as);
        files.addAll(bs);
        return new PairSet(prefix, List.copyOf(files), List.copyOf(pairs));
    }

    private static Map<String, SourceFile> byStem(
            List<SourceFile> files, String folder, S3Uri prefix, Misfits misfits) {
        Map<String, SourceFile> byStem = new HashMap<>();
        for (SourceFile file : files) {
            String stem = SourceFile.stem(file.name().substring(folder.length()));
            SourceFile other = byStem.putIfAbsent(stem, file);
            if (other != null) {
                misfits.add(
                        prefix.resolve(file.name()).toString(),
                        "has the same name but for its ending as " + other.name());
            }
        }
        return byStem;
    }

    private static void missing(SourceFile file, String folder, S3Uri prefix, Misfits misfits) {
        String wanted = folder + SourceFile.stem(file.name().substring(folder.length())) + ".*";
        misfits.add(
                prefix.resolve(file.name()).toString(),
                "its other half is missing, expected " + prefix.resolve(wanted));
    }

    private static List<SourceFile> images(
            ObjectStore store, S3Uri prefix, String folder, List<S3Uri> except) {
        List<SourceFile> files = new ArrayList<>();
        try (Stream<StoredObject> objects = store.list(prefix.resolve(folder), null)) {
            for (Iterator<StoredObject> i = objects.iterator(); i.hasNext(); ) {
                StoredObject object = i.next();
                String key = object.uri().key();
                if (SourceFile.isImage(key) && except.stream().noneMatch(e -> below(key, e))) {
                    String name = key.substring(prefix.key().length());
                    files.add(new SourceFile(name, object.etag(), object.size()));
                }
            }
        }
        files.sort(Comparator.comparing(SourceFile::name));
        return files;
    }

    private static boolean below(String key, S3Uri prefix) {
        return key.startsWith(prefix.key());
    }
}
