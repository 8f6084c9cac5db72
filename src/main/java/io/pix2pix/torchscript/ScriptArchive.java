package io.pix2pix.torchscript;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.torchscript.BoundedUnpickler.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a TorchScript archive that somebody else wrote before PyTorch's native loader does,
 * which trusts it: a damaged one would end the process, and a hostile one more than that.
 *
 * <p>The file is a zip with one folder, no two entries of one name, of bounded number and size; it
 * has what a module has; its pickles are bounded and their tensors lie inside their storages; its
 * code is bounded in length and nesting and opens no files ({@link FileOperators}). What else it
 * does is not looked at: that is between whoever runs it and whoever wrote it, and {@code
 * pix2pix.storage.allow-models} says whom to trust.
 */
public final class ScriptArchive {
    private static final int MAX_NAME = 512;
    private static final int MAX_VERSION = 16;
    private static final int MAX_CODE = 16 << 20;
    private static final int MAX_BRACKETS = 200;
    private static final byte[] ZIP = {'P', 'K', 3, 4};

    private final Path file;

    private ScriptArchive(Path file) {
        this.file = file;
    }

    /**
     * Fails where a file is no module that may be given to PyTorch.
     *
     * @throws FailureException stage MODEL, permanent: NOT_FOUND, NOT_TORCHSCRIPT
     */
    public static void require(Path file) {
        new ScriptArchive(file).check();
    }

    private void check() {
        byte[] start = start();
        if (!startsWith(start, ZIP)) {
            throw refused(whatElse(start), null);
        }
        try (TorchZip zip = TorchZip.open(file)) {
            boolean code = zip.entries().stream().anyMatch(e -> e.getName().contains("/code/"));
            if (!code) {
                throw refused(
                        zip.find("data.pkl") != null
                                ? stateDict()
                                : file + " is a zip file, but no TorchScript module is in it",
                        null);
            }
            checkNames(zip);
            requireVersion(zip);
            checkPickle(zip, "data");
            checkPickle(zip, "constants");
            checkCode(zip);
        } catch (FailureException e) {
            throw e;
        } catch (RefusedException e) {
            throw refused(
                    "%s is no TorchScript module: it holds %s".formatted(file, e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            throw refused(
                    "%s is no TorchScript module, or is damaged or cut off: %s"
                            .formatted(file, reason(e)),
                    e);
        }
    }

    private byte[] start() {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw failure("NOT_FOUND", "There is no readable file " + file, null);
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(64);
        } catch (IOException e) {
            throw refused("Failed to read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static void checkNames(TorchZip zip) throws IOException {
        if (zip.top().length() < 2) {
            throw new IOException("its entries are in no folder");
        }
        Set<String> names = new HashSet<>();
        long bytes = 0;
        for (ZipEntry entry : zip.entries()) {
            String name = entry.getName();
            boolean formed =
                    name.length() <= MAX_NAME
                            && name.startsWith(zip.top())
                            && !List.of(name.split("/", -1)).contains("..")
                            && name.chars().allMatch(c -> c >= ' ' && c != 127 && c != '\\');
            if (!formed) {
                throw new IOException(
                        "expected entries in the folder %s, found %s"
                                .formatted(brief(zip.top()), brief(name)));
            }
            // Of two entries with one name each reader of zip files may take another.
            if (!names.add(name)) {
                throw new IOException("it has two entries " + brief(name));
            }
            boolean stored = entry.getMethod() == ZipEntry.STORED;
            if (entry.getSize() < 0 || (stored && entry.getSize() != entry.getCompressedSize())) {
                throw new IOException("its entry %s has no size".formatted(brief(name)));
            }
            bytes = Math.addExact(bytes, entry.getSize());
        }
        zip.budget().require(bytes);
    }

    private static void requireVersion(TorchZip zip) throws IOException {
        String name = zip.find("version") == null ? ".data/version" : "version";
        String version = new String(zip.read(name, MAX_VERSION), StandardCharsets.US_ASCII).strip();
        if (!version.matches("[0-9]{1,4}")) {
            throw new IOException(
                    "expected a version in its entry %s, found another text".formatted(name));
        }
    }

    private static void checkPickle(TorchZip zip, String name) throws IOException {
        byte[] pickle = zip.read(name + ".pkl", BoundedUnpickler.MAX_PICKLE);
        ScriptPickle.check(
                pickle,
                key -> {
                    ZipEntry storage = zip.find(name + "/" + key);
                    return storage == null ? -1 : storage.getSize();
                });
    }

    private static void checkCode(TorchZip zip) throws IOException {
        int bytes = 0;
        for (ZipEntry entry : zip.entries()) {
            String name = entry.getName();
            if (name.startsWith(zip.top() + "code/") && name.endsWith(".py")) {
                byte[] code = zip.read(entry, MAX_CODE - bytes);
                bytes += code.length;
                requireShallow(code, name);
                FileOperators.refuse(code, brief(name));
            }
        }
        if (bytes == 0) {
            throw new IOException("it has no code");
        }
    }

    /** PyTorch's parser calls itself for each bracket, and its stack is finite. */
    private static void requireShallow(byte[] code, String name) throws IOException {
        int depth = 0;
        int quote = 0;
        for (int i = 0; i < code.length; i++) {
            int c = code[i];
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == quote || c == '\n') {
                    quote = 0;
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '(' || c == '[' || c == '{') {
                depth++;
            } else if (c == ')' || c == ']' || c == '}') {
                depth--;
            }
            if (depth > MAX_BRACKETS) {
                throw new IOException(
                        "its code %s has brackets nested more than %d deep"
                                .formatted(brief(name), MAX_BRACKETS));
            }
        }
    }

    private String whatElse(byte[] start) {
        if (start.length == 0) {
            return file + " is empty; expected a TorchScript module";
        }
        if (start[0] == (byte) 0x80) {
            return stateDict();
        }
        boolean zip = start[0] == 'P' && start.length > 1 && start[1] == 'K';
        String text = new String(start, StandardCharsets.UTF_8).lines().findFirst().orElse("");
        boolean readable = text.chars().allMatch(c -> c >= ' ' && c != 0xFFFD);
        return file
                + " is no TorchScript module: "
                + (zip
                        ? "the zip file is damaged or cut off"
                        : readable ? "it starts with '" + text + "'" : "it is no zip file");
    }

    private String stateDict() {
        return file
                + " is a state dict (.pth), no TorchScript module; turn it into one with"
                + " import-weights";
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length
                && java.util.Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }

    private static String brief(String name) {
        String shown = name.replaceAll("\\p{Cntrl}", "?");
        return shown.length() <= 80 ? shown : shown.substring(0, 80) + "...";
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static FailureException refused(String message, @Nullable Exception cause) {
        return failure("NOT_TORCHSCRIPT", message, cause);
    }

    private static FailureException failure(
            String code, String message, @Nullable Exception cause) {
        return new FailureException(Failure.permanent(Stage.MODEL, code, message), cause);
    }
}
