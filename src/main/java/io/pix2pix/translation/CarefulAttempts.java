package io.pix2pix.translation;

import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.ObjectStore.Written;
import io.pix2pix.storage.S3Uri;
import java.util.Map;

/**
 * The careful attempts at a task that have really begun, an empty object each. It takes two, one
 * from each end, to find the image that kills workers, and the number of an attempt does not tell:
 * it counts one, too, whose worker died while the task still waited for others to end.
 */
final class CarefulAttempts {
    /** From one end and from the other. */
    static final int NEEDED = 2;

    private final ObjectStore store;
    private final JobLayout layout;
    private final int shard;

    CarefulAttempts(ObjectStore store, TranslationTask task) {
        this.store = store;
        this.layout = JobLayout.of(task.job());
        this.shard = task.shard();
    }

    /**
     * One begins.
     *
     * @return its number, from 1
     * @throws FailureException as the object store
     */
    int begin() {
        int number = 1;
        while (store.create(marker(number), new byte[0], "application/octet-stream", Map.of())
                == Written.EXISTS) {
            number++;
        }
        return number;
    }

    /** That one ended otherwise than by a death, so it found nothing out. */
    void undo(int number) {
        store.delete(marker(number));
    }

    /** Whether there were as many as it takes. */
    boolean areDone() {
        return store.head(marker(NEEDED)).isPresent();
    }

    private S3Uri marker(int number) {
        return layout.careful(shard, number);
    }
}
