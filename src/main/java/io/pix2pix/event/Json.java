package io.pix2pix.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The records as JSON: unknown fields are ignored, nulls are left out, times are ISO 8601.
 *
 * <p>What is read is bounded in depth and in the length of its names, texts and numbers; in its
 * length by whoever reads it from a topic or from storage.
 */
public final class Json {
    /** Our records nest six deep; the rest is for fields that are ignored. */
    private static final int MAX_DEPTH = 64;

    private static final int MAX_NAME = 1 << 12;

    /** A key has at most 1024 bytes, a failure's message 4,000 characters. */
    private static final int MAX_TEXT = 1 << 17;

    /** A double takes at most 25 digits. */
    private static final int MAX_NUMBER = 64;

    private static final StreamReadConstraints CONSTRAINTS =
            StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(MAX_NAME)
                    .maxStringLength(MAX_TEXT)
                    .maxNumberLength(MAX_NUMBER)
                    .build();

    private static final int MAX_REASON = 2000;

    private static final ObjectMapper MAPPER =
            JsonMapper.builder(factory(CONSTRAINTS))
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
                    .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
                    .serializationInclusion(JsonInclude.Include.NON_NULL)
                    .build();

    private Json() {}

    private static JsonFactory factory(StreamReadConstraints constraints) {
        return JsonFactory.builder().streamReadConstraints(constraints).build();
    }

    /** Reads trees as {@link #mapper()} does, of so many values and names at most. */
    static ObjectMapper trees(long maxTokens) {
        StreamReadConstraints fewer = CONSTRAINTS.rebuild().maxTokenCount(maxTokens).build();
        return JsonMapper.builder(factory(fewer)).build();
    }

    /** The mapper itself, for trees and for other shapes than records. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    public static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Failed to write " + value.getClass(), e);
        }
    }

    public static String writeString(Object value) {
        return new String(write(value), StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalArgumentException naming the JSON path of what does not fit
     */
    public static <T> T read(byte[] json, Class<T> type) {
        try {
            T value = MAPPER.readValue(json, type);
            if (value == null) {
                throw new IllegalArgumentException("Expected a JSON object, found null");
            }
            return value;
        } catch (JsonMappingException e) {
            Throwable reason = e.getCause() instanceof IllegalArgumentException c ? c : e;
            String message = reason == e ? e.getOriginalMessage() : reason.getMessage();
            throw new IllegalArgumentException(brief(path(e) + ": " + message), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(brief("No valid JSON: " + e.getMessage()), e);
        }
    }

    /** A reason that may repeat what was found, which may be long. */
    public static String brief(String reason) {
        return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "...";
    }

    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder("$");
        for (JsonMappingException.Reference r : e.getPath()) {
            if (r.getFieldName() != null) {
                path.append('.').append(r.getFieldName());
            } else {
                path.append('[').append(r.getIndex()).append(']');
            }
        }
        return path.toString();
    }

    /**
     * SHA-256 over the value's JSON, in hex: equal for equal content, however it was spelled.
     *
     * <p>Workers of two versions must come to the same digest of a job, so a field that jobs get
     * later is left out of their JSON while it has its default.
     */
    public static String digest(Object value) {
        try {
            byte[] sha = MessageDigest.getInstance("SHA-256").digest(write(value));
            return HexFormat.of().formatHex(sha);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
