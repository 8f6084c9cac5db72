package io.pix2pix.faults;

import io.pix2pix.local.FaultyStack;
import io.pix2pix.local.LocalStack;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import io.pix2pix.testing.Folders;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** The broker, the S3 server and the proxies before them, with the inputs of all scenarios. */
final class World implements AutoCloseable {
    private static final int SIZE = 16;

    final TcpProxy kafka = new TcpProxy();
    final S3FaultProxy s3;
    final FaultyStack stack;

    /** Straight to the server, past the faults. */
    final ObjectStore store;

    final long seed;
    final Path folder;
    final Path application;

    /**
     * @param images inputs {@code in/00000.png} and on
     */
    World(long seed, int images) throws IOException {
        this.seed = seed;
        folder = Files.createTempDirectory("pix2pix-faults-");
        stack = new FaultyStack(folder.resolve("stack"), kafka.port());
        kafka.start(stack.kafkaPort());
        stack.awaitBroker();
        s3 = new S3FaultProxy(seed);
        s3.start(stack.s3Port());
        store = new ObjectStore(stack.storage(stack.s3Port()));
        application =
                PatchedApplication.build(folder.resolve("application"), List.of(Patches.JOURNAL));
        Path model = folder.resolve("g.pt");
        Models.small(model, 3, 1);
        store.upload(model, uri("g.pt"), "application/octet-stream", Map.of());
        IntStream.range(0, images)
                .parallel()
                .forEach(i -> put(uri("in/%05d.png".formatted(i)), picture(i)));
    }

    /** Another copy of the application, in which some promise is broken. */
    Path broken(PatchedApplication.Patch patch) throws IOException {
        return PatchedApplication.build(
                Files.createTempDirectory(folder, "broken-"), List.of(Patches.JOURNAL, patch));
    }

    StorageSettings storageWithFaults() {
        return stack.storage(s3.port());
    }

    String bootstrapServers() {
        return "127.0.0.1:" + kafka.port();
    }

    S3Uri uri(String key) {
        return new S3Uri(LocalStack.BUCKET, key);
    }

    /** The picture of an input; the stand-in gives back what it was given. */
    static byte[] picture(int index) {
        return Pictures.png(SIZE, SIZE, index);
    }

    /** A file that is no picture. */
    void putBrokenPicture(S3Uri uri) {
        put(uri, "this is no picture".getBytes(StandardCharsets.UTF_8));
    }

    /** A picture at whose sight the stand-in's process dies. */
    void putDeadlyPicture(S3Uri uri) {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0xFF00FF);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        put(uri, out.toByteArray());
    }

    void put(S3Uri uri, byte[] bytes) {
        store.put(uri, bytes, "image/png");
    }

    @Override
    public void close() throws IOException {
        store.close();
        s3.close();
        kafka.close();
        stack.close();
        Folders.delete(folder);
    }
}
