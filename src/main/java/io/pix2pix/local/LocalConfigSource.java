package io.pix2pix.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Where the local stack of the current folder listens, as configuration: what is set by hand, in a
 * file or in the environment comes before it.
 */
public final class LocalConfigSource implements ConfigSource {
    private static final int BELOW_EVERYTHING_SET_BY_HAND = 50;

    private final Map<String, String> properties;

    public LocalConfigSource() {
        properties = properties(LocalStack.folder());
    }

    private static Map<String, String> properties(Path folder) {
        Map<String, String> properties = new HashMap<>();
        if (Files.isDirectory(folder)) {
            for (LocalStack.Server server : LocalStack.status(folder)) {
                Integer port = server.port();
                if (port != null && server.name().equals("Kafka")) {
                    properties.put("pix2pix.kafka.bootstrap-servers", "127.0.0.1:" + port);
                } else if (port != null) {
                    properties.put("pix2pix.storage.endpoint", "http://127.0.0.1:" + port);
                    properties.put("pix2pix.storage.access-key", S3Server.ACCESS_KEY);
                    properties.put("pix2pix.storage.secret-key", S3Server.SECRET_KEY);
                }
            }
        }
        return properties;
    }

    @Override
    public int getOrdinal() {
        return BELOW_EVERYTHING_SET_BY_HAND;
    }

    @Override
    public Set<String> getPropertyNames() {
        return properties.keySet();
    }

    @Override
    public @Nullable String getValue(String name) {
        return properties.get(name);
    }

    @Override
    public String getName() {
        return "local stack";
    }
}
