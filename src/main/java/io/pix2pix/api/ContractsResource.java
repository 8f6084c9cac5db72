package io.pix2pix.api;

import io.pix2pix.event.Schema;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What the topics hold, for programs: an AsyncAPI document and JSON Schemas. */
@Path("/api/v1")
@Tag(name = "contracts")
public class ContractsResource {
    /** Names of schemas. */
    public record Schemas(
            @org.eclipse.microprofile.openapi.annotations.media.Schema(required = true)
                    List<String> schemas) {}

    @GET
    @Path("/asyncapi")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "getAsyncApi", summary = "The topics, as an AsyncAPI 3 document")
    public String asyncApi() {
        return resource("META-INF/asyncapi.json");
    }

    @GET
    @Path("/schemas")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "listSchemas", summary = "Names of the records' JSON Schemas")
    public Schemas schemas() {
        return new Schemas(Arrays.stream(Schema.values()).map(Schema::file).toList());
    }

    @GET
    @Path("/schemas/{name}")
    @Produces("application/schema+json")
    @Operation(operationId = "getSchema", summary = "A record's JSON Schema (2020-12)")
    public String schema(@PathParam("name") String name) {
        return Arrays.stream(Schema.values())
                .map(Schema::file)
                .filter(name::equals)
                .findFirst()
                .map(file -> resource("schemas/" + file))
                .orElseThrow(
                        () -> ProblemException.notFound("NO_SUCH_SCHEMA", "No schema " + name));
    }

    private static String resource(String name) {
        ClassLoader loader = ContractsResource.class.getClassLoader();
        try (InputStream in = loader.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Not packaged: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
