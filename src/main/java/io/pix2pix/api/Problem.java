package io.pix2pix.api;

import io.pix2pix.event.Schema.Violation;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Why a request was not done: problem details as of RFC 9457, sent as {@code
 * application/problem+json}.
 *
 * @param type {@code urn:pix2pix:problem:} and the code in small letters
 * @param title the same for every problem of this type
 * @param detail one sentence for the person who can act
 * @param code stable, for programs
 * @param errors every field of the request's body that is missing or wrong; null when none is
 */
@Schema(description = "Why a request was not done (RFC 9457).")
public record Problem(
        @Schema(required = true) String type,
        @Schema(required = true) String title,
        @Schema(required = true) int status,
        @Schema(required = true) String detail,
        @Schema(required = true) String code,
        @Nullable List<Violation> errors) {
    static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(int status, String code, String title, String detail) {
        return new Problem(type(code), title, status, detail, code, null);
    }

    static Problem of(
            int status, String code, String title, String detail, List<Violation> errors) {
        return new Problem(type(code), title, status, detail, code, errors);
    }

    private static String type(String code) {
        return "urn:pix2pix:problem:" + code.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
