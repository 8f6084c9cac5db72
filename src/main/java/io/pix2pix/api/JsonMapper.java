package io.pix2pix.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pix2pix.event.Json;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** REST writes JSON exactly as the topics have it. */
final class JsonMapper {
    private JsonMapper() {}

    @Produces
    @Singleton
    static ObjectMapper mapper() {
        return Json.mapper();
    }
}
