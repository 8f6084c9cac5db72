package io.pix2pix.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The table of ACLs in docs/security.md, as ACLs. */
public final class DocumentedAcls {
    private static final Pattern ROW =
            Pattern.compile(
                    "\\| ([a-z-]+) \\| (topic|group|transactional-id) \\| `(.*)` \\| (.*) \\|");

    private DocumentedAcls() {}

    /**
     * @param user to whom they are given
     * @param roles whose rows
     */
    public static List<AclBinding> of(String user, Set<String> roles) {
        List<AclBinding> acls = new ArrayList<>();
        for (String line : lines()) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && roles.contains(row.group(1))) {
                String name = row.group(3);
                boolean prefix = name.endsWith("*");
                ResourcePattern resource =
                        new ResourcePattern(
                                ResourceType.fromString(row.group(2).replace('-', '_')),
                                prefix ? name.substring(0, name.length() - 1) : name,
                                prefix ? PatternType.PREFIXED : PatternType.LITERAL);
                for (String operation : row.group(4).split(", ")) {
                    acls.add(new AclBinding(resource, entry(user, operation)));
                }
            }
        }
        return acls;
    }

    private static AccessControlEntry entry(String user, String operation) {
        return new AccessControlEntry(
                "User:" + user,
                "*",
                AclOperation.fromString(operation.replaceAll("(?<=[a-z])(?=[A-Z])", "_")),
                AclPermissionType.ALLOW);
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(Path.of("docs", "security.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
