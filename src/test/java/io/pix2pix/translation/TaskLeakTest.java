package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.storage.StorageConfig;
import io.pix2pix.testing.ChildJvm;
import io.pix2pix.testing.Growth;
import io.pix2pix.testing.LocalStackExtension;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What hundreds of whole tasks, from storage to storage, leave behind in a worker. */
@Timeout(300)
class TaskLeakTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    @Test
    void tasksLeaveNothingBehindAndOneThatDoesIsNoticed() throws Exception {
        StorageConfig storage = STACK.storage();
        Map<String, Growth> found =
                ChildJvm.run(
                                TaskLeakProbe.class,
                                storage.endpoint().orElseThrow().toString(),
                                storage.accessKey().orElseThrow(),
                                storage.secretKey().orElseThrow(),
                                STACK.prefix().toString())
                        .stream()
                        .filter(Growth::isPrinted)
                        .map(Growth::parse)
                        .collect(Collectors.toMap(Growth::name, Function.identity()));

        assertThat(found).containsOnlyKeys("tasks", "forgetful-tasks");
        assertThat(found.get("tasks").arrays()).isZero();
        // An image of 32 x 32 as numbers is 12 KB; what the virtual machine takes for itself at any
        // time was seen to be 4 KB a task.
        assertThat(found.get("tasks").bytes()).isLessThan(8_000);
        // A batch each, or two, in five rounds of five.
        assertThat(found.get("forgetful-tasks").arrays()).isGreaterThanOrEqualTo(25);
    }
}
