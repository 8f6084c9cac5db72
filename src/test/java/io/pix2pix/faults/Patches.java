package io.pix2pix.faults;

import io.pix2pix.faults.PatchedApplication.Patch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import net.bytebuddy.asm.Advice;

/** What the harness changes in the application: a journal, and one way to break each promise. */
@SuppressWarnings("UnusedVariable") // what is assigned there is the patched method's
final class Patches {
    static final String JOURNAL_FILE = "io.pix2pix.faults.journal";

    /** Writes a byte for each image that the device has translated; survives {@code kill -9}. */
    static final Patch JOURNAL =
            new Patch("io.pix2pix.engine.WaitingGenerator", "translate", Journal.class);

    /** The tracker takes a shard's results each time it hears of them. */
    static final Patch FORWARD_DUPLICATES =
            new Patch("io.pix2pix.tracking.JobState", "isDone", ReturnFalse.class);

    /** Objects are written whether or not they are there. */
    static final Patch IGNORE_CONDITIONS =
            new Patch(
                    "software.amazon.awssdk.services.s3.model.PutObjectRequest$BuilderImpl",
                    "ifNoneMatch",
                    ForgetText.class);

    /** Each delivery counts as the first. */
    static final Patch FORGET_ATTEMPTS =
            new Patch("io.pix2pix.messaging.Delivery", "count", ReturnOne.class);

    /** The record's lock lapses while its work goes on. */
    static final Patch NEVER_RENEW =
            new Patch("io.pix2pix.messaging.Queue", "renew", SkipAndReturnTrue.class);

    /** Records, and the tracker's state, as a later version may write them: with more in them. */
    static final Patch WRITE_MORE =
            new Patch(
                    "org.apache.kafka.common.serialization.ByteArraySerializer",
                    "serialize",
                    AddField.class);

    private Patches() {}

    static final class Journal {
        private Journal() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) List<?> batch) throws IOException {
            Files.write(
                    Path.of(System.getProperty("io.pix2pix.faults.journal")),
                    new byte[batch.size()],
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    static final class ReturnFalse {
        private ReturnFalse() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) boolean returned) {
            returned = false;
        }
    }

    static final class ReturnOne {
        private ReturnOne() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) int returned) {
            returned = 1;
        }
    }

    static final class ForgetText {
        private ForgetText() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 0, readOnly = false) String text) {
            text = null;
        }
    }

    static final class SkipAndReturnTrue {
        private SkipAndReturnTrue() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) boolean returned) {
            returned = true;
        }
    }

    static final class AddField {
        private AddField() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) byte[] returned) {
            if (returned != null && returned.length > 2 && returned[0] == '{') {
                String rest = new String(returned, 1, returned.length - 1, StandardCharsets.UTF_8);
                returned =
                        ("{\"addedLater\": {\"a\": [1, null]}, " + rest)
                                .getBytes(StandardCharsets.UTF_8);
            }
        }
    }
}
