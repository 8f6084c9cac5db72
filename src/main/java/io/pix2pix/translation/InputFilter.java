package io.pix2pix.translation;

import io.pix2pix.event.TranslationJob;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which keys below an input prefix are a job's images: those that match an include pattern and no
 * exclude pattern. Never: "folders" (keys that end in a slash), any job's bookkeeping, and what
 * lies below the job's own output prefix.
 */
final class InputFilter {
    private static final List<Glob> IMAGE_FILES =
            List.of(Glob.ignoringCase("**/*.{jpg,jpeg,png,bmp,gif,tif,tiff,webp}"));

    private final List<Glob> include;
    private final List<Glob> exclude;
    private final @Nullable String outputBelow;

    /**
     * @param outputBelow the output prefix's key below the input prefix, when it lies there
     * @throws IllegalArgumentException naming the pattern that is none
     */
    InputFilter(TranslationJob.Input input, @Nullable String outputBelow) {
        this.include =
                input.include().isEmpty()
                        ? IMAGE_FILES
                        : input.include().stream().map(Glob::of).toList();
        this.exclude = input.exclude().stream().map(Glob::of).toList();
        this.outputBelow = outputBelow;
    }

    /**
     * @param below a key without the input prefix
     */
    boolean accepts(String below) {
        boolean ours = outputBelow != null && below.startsWith(outputBelow);
        return !below.isEmpty()
                && !below.endsWith("/")
                && !ours
                && !JobLayout.isBookkeeping(below)
                && include.stream().anyMatch(g -> g.matches(below))
                && exclude.stream().noneMatch(g -> g.matches(below));
    }

    @Override
    public String toString() {
        return exclude.isEmpty()
                ? "include " + include
                : "include " + include + ", exclude " + exclude;
    }
}
