package io.pix2pix.local;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** Embeds a stack in the folder that it is given, says so, and waits to be killed. */
final class EmbeddingProgram {
    private EmbeddingProgram() {}

    public static void main(String[] args) throws InterruptedException {
        LocalStack.embed(LocalStack.Settings.onFreePorts(Path.of(args[0])), System.err::println);
        System.out.println("ready");
        new CountDownLatch(1).await();
    }
}
