package io.pix2pix.api;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Who asks.
 *
 * @param name of the key or the token's subject, for people and the log
 */
@Schema(description = "Who asks.")
public record Caller(@Schema(required = true) String name, @Schema(required = true) ApiRole role) {
    /** Where nobody has to say who they are. */
    static final Caller ANONYMOUS = new Caller("anonymous", ApiRole.OPERATOR);
}
