package io.pix2pix.faults;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * A copy of the packaged application with some methods changed: to watch what the device does, and
 * to break on purpose what the scenarios are to prove. The product itself has no switch for that.
 */
final class PatchedApplication {
    private static final Path PACKAGED = Path.of("target", "quarkus-app");

    private PatchedApplication() {}

    /**
     * A method with something before or after it.
     *
     * @param type the class's full name
     * @param advice inlined into the method, so it may use the JDK only
     */
    record Patch(String type, String method, Class<?> advice) {}

    /** Makes the copy; returns its {@code quarkus-run.jar}. */
    static Path build(Path folder, List<Patch> patches) throws IOException {
        try (Stream<Path> files = Files.walk(PACKAGED)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve(PACKAGED.relativize(file));
                Files.createDirectories(copy.getParent());
                if (file.startsWith(PACKAGED.resolve("lib"))) {
                    Files.createSymbolicLink(copy, file.toAbsolutePath());
                } else {
                    Files.copy(file, copy); // the launcher looks for the others beside itself
                }
            }
        }
        for (Patch patch : patches) {
            apply(folder, patch);
        }
        return folder.resolve("quarkus-run.jar");
    }

    private static void apply(Path folder, Patch patch) throws IOException {
        String entry = patch.type().replace('.', '/') + ".class";
        Path jar = jarWith(folder, entry);
        Path own = Files.createTempFile(folder, "patched", ".jar");
        Files.copy(jar, own, StandardCopyOption.REPLACE_EXISTING);
        try (FileSystem zip = FileSystems.newFileSystem(own)) {
            Files.write(zip.getPath(entry), patched(patch));
        }
        Files.move(own, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] patched(Patch patch) {
        try {
            Class<?> type =
                    Class.forName(patch.type(), false, PatchedApplication.class.getClassLoader());
            if (Stream.of(type.getDeclaredMethods())
                    .noneMatch(m -> m.getName().equals(patch.method()))) {
                throw new AssertionError("No method " + patch.method() + " in " + type);
            }
            return new ByteBuddy()
                    .redefine(type)
                    .visit(Advice.to(patch.advice()).on(ElementMatchers.named(patch.method())))
                    .make()
                    .getBytes();
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * The application's jar before those of its libraries, and what the build transformed first.
     */
    private static Path jarWith(Path folder, String entry) throws IOException {
        try (Stream<Path> jars = Files.walk(folder)) {
            for (Path jar : jars.filter(f -> f.toString().endsWith(".jar")).sorted().toList()) {
                try (FileSystem zip = FileSystems.newFileSystem(jar)) {
                    if (Files.exists(zip.getPath(entry))) {
                        return jar;
                    }
                }
            }
        }
        throw new AssertionError("No jar has " + entry);
    }
}
