package io.pix2pix.storage;

import java.net.URI;

/** Reads one object with the keys that the process finds. */
final class CredentialProbe {
    private CredentialProbe() {}

    /**
     * @param arguments where the S3 server listens
     */
    public static void main(String[] arguments) {
        StorageSettings settings =
                StorageSettings.at(URI.create(arguments[0]), "", "").withDefaultCredentials();
        try (ObjectStore store = new ObjectStore(settings)) {
            System.out.println(store.read(S3Uri.parse("s3://b/a"), 100).bytes().length);
        }
    }
}
