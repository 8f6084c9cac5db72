package io.pix2pix.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.Json;
import io.pix2pix.event.ManifestEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A shard of a job's manifest, as it is stored: one {@link ManifestEntry} a line.
 *
 * <p>The last line also has a field {@code cursor} with all that planning the next shard takes, so
 * that the shards are a chain in which each is written once and any planner can go on after any.
 *
 * @param entries at least one
 * @param openKeys {@link OpenStems#firstKeys} after the last entry
 * @param last whether no shard follows
 */
record ManifestShard(List<ManifestEntry> entries, List<String> openKeys, boolean last) {
    private record Cursor(List<String> openKeys, boolean last) {}

    ManifestShard {
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("A shard without entries");
        }
        entries = List.copyOf(entries);
        openKeys = List.copyOf(openKeys);
    }

    ManifestEntry lastEntry() {
        return entries.get(entries.size() - 1);
    }

    byte[] toJsonLines() {
        ByteArrayOutputStream lines = new ByteArrayOutputStream(entries.size() * 200);
        for (ManifestEntry entry : entries.subList(0, entries.size() - 1)) {
            lines.writeBytes(Json.write(entry));
            lines.write('\n');
        }
        ObjectNode lastLine = Json.mapper().valueToTree(lastEntry());
        lastLine.set("cursor", Json.mapper().valueToTree(new Cursor(openKeys, last)));
        lines.writeBytes(Json.write(lastLine));
        lines.write('\n');
        return lines.toByteArray();
    }

    /**
     * @throws IllegalArgumentException when these are no lines of {@link #toJsonLines}
     */
    static ManifestShard parse(byte[] jsonLines) {
        List<String> lines = new String(jsonLines, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("An empty manifest");
        }
        List<ManifestEntry> entries =
                lines.stream()
                        .map(line -> line.getBytes(StandardCharsets.UTF_8))
                        .map(line -> Json.read(line, ManifestEntry.class))
                        .toList();
        try {
            JsonNode cursor = Json.mapper().readTree(lines.get(lines.size() - 1)).path("cursor");
            if (!cursor.isObject()) {
                throw new IllegalArgumentException("The manifest's last line has no cursor");
            }
            Cursor c = Json.mapper().treeToValue(cursor, Cursor.class);
            return new ManifestShard(entries, c.openKeys(), c.last());
        } catch (IOException e) {
            throw new IllegalArgumentException("The manifest's last line has no cursor", e);
        }
    }
}
