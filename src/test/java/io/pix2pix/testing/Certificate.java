package io.pix2pix.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate that signs itself, made anew for each test by the JDK's keytool.
 *
 * @param chain PEM file of the certificate, for its owner and for whoever trusts it
 * @param key PEM file of its private key (PKCS #8)
 * @param keys both as Java has them
 */
public record Certificate(Path chain, Path key, KeyPair keys) {
    private static final String PASSWORD = "changeit";

    /**
     * @param name the common name; also the files'
     * @param algorithm RSA or EC
     */
    public static Certificate create(Path folder, String name, String algorithm) {
        try {
            Path store = folder.resolve(name + ".p12");
            run(
                    folder,
                    List.of(
                            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                            "-genkeypair",
                            "-alias",
                            name,
                            "-keyalg",
                            algorithm,
                            "-dname",
                            "CN=" + name,
                            "-ext",
                            "san=ip:127.0.0.1,dns:localhost",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            PASSWORD,
                            "-keystore",
                            store.toString()));
            KeyStore found = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                found.load(in, PASSWORD.toCharArray());
            }
            PrivateKey key = (PrivateKey) found.getKey(name, PASSWORD.toCharArray());
            var certificate = found.getCertificate(name);
            return new Certificate(
                    pem(folder.resolve(name + ".crt"), "CERTIFICATE", certificate.getEncoded()),
                    pem(folder.resolve(name + ".key"), "PRIVATE KEY", key.getEncoded()),
                    new KeyPair(certificate.getPublicKey(), key));
        } catch (IOException | GeneralSecurityException | InterruptedException e) {
            throw new AssertionError("Failed to make a certificate", e);
        }
    }

    /** What a server with this certificate has. */
    public SSLContext serving() {
        try (InputStream in = Files.newInputStream(chain)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setKeyEntry(
                    "it",
                    keys.getPrivate(),
                    PASSWORD.toCharArray(),
                    new java.security.cert.Certificate[] {
                        java.security.cert.CertificateFactory.getInstance("X.509")
                                .generateCertificate(in)
                    });
            KeyManagerFactory keyManagers =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(store, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), null, null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** What trusts this certificate and no other. */
    public SSLContext trusting() {
        try (InputStream in = Files.newInputStream(chain)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "it",
                    java.security.cert.CertificateFactory.getInstance("X.509")
                            .generateCertificate(in));
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void run(Path folder, List<String> command)
            throws IOException, InterruptedException {
        Path log = folder.resolve("keytool.log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        if (process.waitFor() != 0) {
            throw new AssertionError(Files.readString(log));
        }
    }

    private static Path pem(Path file, String what, byte[] content) throws IOException {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(
                file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, lines, what));
    }
}
