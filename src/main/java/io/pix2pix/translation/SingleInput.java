package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One object. */
record SingleInput(ManifestEntry entry) implements Inputs {
    @Override
    public Walk walk(long planned, @Nullable ManifestShard last) {
        Iterator<ManifestEntry> entries =
                (planned == 0 ? List.of(entry) : List.<ManifestEntry>of()).iterator();
        return new Walk() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public ManifestEntry next() {
                return entries.next();
            }

            @Override
            public List<String> openKeys() {
                return List.of();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public String nothingFound() {
        return "No input";
    }
}
