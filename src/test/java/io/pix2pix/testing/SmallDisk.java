package io.pix2pix.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A real file system of a megabyte (tmpfs). Mounting takes rights; a test that has none is skipped,
 * and says why.
 */
public final class SmallDisk implements AutoCloseable {
    /** Bytes. */
    public static final int SIZE = 1 << 20;

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    public static SmallDisk mount() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("pix2pix-small-");
        String said = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", folder.toString());
        if (said != null) {
            Files.delete(folder);
            abort("A small disk cannot be mounted here: " + said);
        }
        return new SmallDisk(folder);
    }

    public Path folder() {
        return folder;
    }

    /** Leaves so many bytes free, less what others write meanwhile: that must be less. */
    public void fillUpTo(int free) throws IOException {
        long now = Files.getFileStore(folder).getUsableSpace();
        Files.write(folder.resolve("filler"), new byte[(int) now - free]);
    }

    @Override
    public void close() throws IOException {
        try {
            String said = run("umount", folder.toString());
            if (said != null) {
                throw new IOException("Failed to unmount " + folder + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        Files.delete(folder);
    }

    /** Null when it went well. */
    private static String run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        } catch (IOException e) {
            return e.getMessage();
        }
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        return process.waitFor() == 0 ? null : said;
    }
}
