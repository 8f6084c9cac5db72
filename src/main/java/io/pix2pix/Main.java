package io.pix2pix;

import io.pix2pix.cli.Pix2PixCommand;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The program's entry: the command line, of which {@code worker} is the Quarkus application. */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Pix2PixCommand.run(args));
    }
}
