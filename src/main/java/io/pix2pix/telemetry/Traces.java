package io.pix2pix.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Traces of this process (OpenTelemetry). Until {@link #export} nothing is recorded, which costs
 * next to nothing; contexts that others sent are passed on all the same.
 *
 * <p>A job has a trace of its own, in which it is planned. Each attempt at a task has another, with
 * a <em>link</em> to the job's: a job of a million images would be no trace that anybody can look
 * at, and one that waits in a queue for days no span. Contexts travel in the header {@code
 * traceparent} of records (W3C Trace Context).
 */
public final class Traces {
    /** The records' header. */
    public static final String HEADER = "traceparent";

    private static final int MAX_PARTS = 50;

    private static final Pattern PARENT =
            Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

    private static volatile Tracer tracer = OpenTelemetry.noop().getTracer("io.pix2pix");

    private static final ThreadLocal<@Nullable Work> CURRENT = new ThreadLocal<>();

    private Traces() {}

    /** What the calling thread began and has not ended; null when there is nothing. */
    public static @Nullable Work current() {
        return CURRENT.get();
    }

    /**
     * Records from now on and sends what was recorded.
     *
     * @param endpoint takes OTLP over HTTP, such as {@code http://127.0.0.1:4318/v1/traces}
     * @param share of new traces that are recorded, 0 to 1; one that somebody else began is
     *     recorded when they said so
     * @param worker names this process
     * @return sends the rest and ends the recording
     */
    public static AutoCloseable export(URI endpoint, double share, String worker) {
        SdkTracerProvider provider =
                SdkTracerProvider.builder()
                        .setResource(
                                Resource.getDefault()
                                        .merge(
                                                Resource.create(
                                                        Attributes.builder()
                                                                .put("service.name", "pix2pix")
                                                                .put("service.instance.id", worker)
                                                                .build())))
                        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(share)))
                        .addSpanProcessor(
                                BatchSpanProcessor.builder(
                                                OtlpHttpSpanExporter.builder()
                                                        .setEndpoint(endpoint.toString())
                                                        .build())
                                        .build())
                        .build();
        tracer = provider.get("io.pix2pix");
        return () -> provider.shutdown().join(5, TimeUnit.SECONDS);
    }

    /**
     * Something that takes a while; ended by {@link #close}, on the thread that began it. Others
     * may tell of {@link #part parts}.
     */
    public static final class Work implements AutoCloseable {
        private final AtomicInteger parts = new AtomicInteger();
        private final Span span;
        private final @Nullable String otherwise;

        private Work(Span span, @Nullable String otherwise) {
            this.span = span;
            this.otherwise = otherwise;
            CURRENT.set(this);
        }

        /** To be sent along; where nothing is recorded, what was received. */
        public @Nullable String context() {
            SpanContext own = span.getSpanContext();
            return own.isValid()
                    ? "00-%s-%s-%s"
                            .formatted(
                                    own.getTraceId(), own.getSpanId(), own.getTraceFlags().asHex())
                    : otherwise;
        }

        public Work with(String attribute, String value) {
            span.setAttribute(attribute, value);
            return this;
        }

        public Work with(String attribute, long value) {
            span.setAttribute(attribute, value);
            return this;
        }

        /** It did not work out. */
        public void failed(String message) {
            span.setStatus(StatusCode.ERROR, message);
        }

        /**
         * A part of it that is over by now. Of many parts the first are told of, the others are
         * counted: a trace of a thousand is none that anybody can look at.
         */
        public void part(String name, long nanos, String subject, @Nullable String failure) {
            if (!span.isRecording() || parts.incrementAndGet() > MAX_PARTS) {
                return;
            }
            long end = System.currentTimeMillis();
            Span part =
                    tracer.spanBuilder(name)
                            .setParent(Context.root().with(span))
                            .setStartTimestamp(
                                    end - TimeUnit.NANOSECONDS.toMillis(nanos),
                                    TimeUnit.MILLISECONDS)
                            .setAttribute("pix2pix.image", subject)
                            .startSpan();
            if (failure != null) {
                part.setStatus(StatusCode.ERROR, failure);
            }
            part.end(end, TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            CURRENT.remove();
            int untold = parts.get() - MAX_PARTS;
            if (untold > 0) {
                with("pix2pix.parts_untold", untold);
            }
            span.end();
        }
    }

    /**
     * Begins what belongs to the trace of {@code parent}, or a new trace without one.
     *
     * @param parent a {@link #HEADER}'s value; what is none counts as null
     */
    public static Work begin(String name, @Nullable String parent) {
        SpanContext context = parse(parent);
        SpanBuilder span = tracer.spanBuilder(name).setSpanKind(SpanKind.CONSUMER);
        span.setParent(
                context.isValid() ? Context.root().with(Span.wrap(context)) : Context.root());
        return new Work(span.startSpan(), context.isValid() ? parent : null);
    }

    /**
     * Begins a trace that leads to another one by a link.
     *
     * @param link a {@link #HEADER}'s value; what is none counts as null
     */
    public static Work beginLinked(String name, @Nullable String link) {
        SpanContext context = parse(link);
        SpanBuilder span = tracer.spanBuilder(name).setSpanKind(SpanKind.CONSUMER).setNoParent();
        if (context.isValid()) {
            span.addLink(context);
        }
        return new Work(span.startSpan(), context.isValid() ? link : null);
    }

    private static SpanContext parse(@Nullable String header) {
        Matcher parts = PARENT.matcher(header == null ? "" : header);
        return parts.matches()
                ? SpanContext.createFromRemoteParent(
                        parts.group(1),
                        parts.group(2),
                        TraceFlags.fromHex(parts.group(3), 0),
                        TraceState.getDefault())
                : SpanContext.getInvalid();
    }
}
