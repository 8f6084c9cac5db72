package io.pix2pix.api;

import io.pix2pix.event.Json;
import io.pix2pix.event.Schema;
import io.pix2pix.messaging.MessagingConfig;
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
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What the topics hold, for programs: an AsyncAPI document and JSON Schemas. */
@Path("/api/v1")
@Tag(name = "contracts")
public class ContractsResource {
    private final MessagingConfig kafka;

    ContractsResource(MessagingConfig kafka) {
        this.kafka = kafka;
    }

    /** Names of schemas. */
    public record Schemas(
            @org.eclipse.microprofile.openapi.annotations.media.Schema(required = true)
                    List<String> schemas) {}

    @GET
    @Path("/asyncapi")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "getAsyncApi", summary = "The topics, as an AsyncAPI 3 document")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            schema =
                                    @org.eclipse.microprofile.openapi.annotations.media.Schema(
                                            type = SchemaType.OBJECT)))
    public String asyncApi() {
        // As this system has it, so that a client needs to know no more than the document.
        return resource("asyncapi.json")
                .replace("\"pix2pix.\"", quoted(kafka.prefix()))
                .replace("\"127.0.0.1:9092\"", quoted(kafka.bootstrapServers()));
    }

    private static String quoted(String text) {
        return Json.writeString(text);
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
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            schema =
                                    @org.eclipse.microprofile.openapi.annotations.media.Schema(
                                            type = SchemaType.OBJECT)))
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
