package io.pix2pix.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** S3Proxy over a folder: a bucket is a folder, an object a file, metadata extended attributes. */
final class S3Server {
    static final String ACCESS_KEY = "pix2pix";
    static final String SECRET_KEY = "pix2pix-local";

    private final ServerProcess process;
    private final Path jar;

    S3Server(ServerProcess process, Path jar) {
        this.process = process;
        this.jar = jar;
    }

    ProcessHandle start(int port) {
        Path settings = process.folder().resolve("s3proxy.conf");
        Path data = process.folder().resolve("data");
        try {
            Files.createDirectories(data);
            Files.writeString(settings, configuration(port, data));
        } catch (IOException e) {
            throw LocalFailures.io("prepare " + process.folder(), e);
        }
        return process.spawn(
                port,
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-DLOG_LEVEL=warn",
                        "-DJETTY_LOG_LEVEL=warn",
                        "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                        "-jar",
                        jar.toString(),
                        "--properties",
                        settings.toString()));
    }

    private static String configuration(int port, Path data) {
        return """
        s3proxy.endpoint=http://127.0.0.1:%d
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.filesystem.basedir=%s
        """
                .formatted(port, ACCESS_KEY, SECRET_KEY, data.toString().replace("\\", "\\\\"));
    }
}
