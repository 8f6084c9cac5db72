package io.pix2pix.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.testing.OtlpCollector;
import io.pix2pix.testing.OtlpCollector.Span;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TracesTest {
    @Test
    void ofManyPartsTheFirstAreToldOfAndTheOthersCounted() throws Exception {
        List<Span> spans = spans(1000);
        assertThat(spans).filteredOn(s -> s.name().equals("image")).hasSize(50);
        assertThat(task(spans).attributes()).containsEntry("pix2pix.parts_untold", "950");
    }

    @Test
    void fewPartsAreAllToldOf() throws Exception {
        List<Span> spans = spans(3);
        assertThat(spans)
                .filteredOn(s -> s.name().equals("image"))
                .hasSize(3)
                .allMatch(Span::failed)
                .allMatch(s -> s.parentId().equals(task(spans).spanId()));
        assertThat(task(spans).attributes()).doesNotContainKey("pix2pix.parts_untold");
    }

    private static List<Span> spans(int parts) throws Exception {
        try (OtlpCollector collector = new OtlpCollector()) {
            AutoCloseable export = Traces.export(collector.endpoint(), 1, "test");
            try (Traces.Work work = Traces.begin("task", null)) {
                for (int i = 0; i < parts; i++) {
                    work.part("image", 1_000_000, "s3://b/" + i, "broken");
                }
            } finally {
                export.close();
            }
            return collector.spans();
        }
    }

    private static Span task(List<Span> spans) {
        return spans.stream().filter(s -> s.name().equals("task")).findFirst().orElseThrow();
    }
}
