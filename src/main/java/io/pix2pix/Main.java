package io.pix2pix;

import io.quarkus.runtime.annotations.QuarkusMain;

/** The program's entry. */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        io.quarkus.runtime.Quarkus.run(args);
    }
}
