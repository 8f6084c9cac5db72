package io.pix2pix.messaging;

import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.jspecify.annotations.Nullable;

/** Says which ACL is missing when the brokers refuse something. */
public final class MissingAcl {
    private MissingAcl() {}

    /**
     * @param failure as a client threw it; its causes are looked at too
     * @param operation what was being done with topics, as ACLs call it: Read, Write, Create
     * @return to be put behind a message: empty unless an ACL is missing
     */
    public static String hint(@Nullable Throwable failure, String operation) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            String missing = missing(e, operation);
            if (!missing.isEmpty()) {
                return "; this client's user needs the ACL " + missing;
            }
        }
        return "";
    }

    private static String missing(Throwable e, String operation) {
        if (e instanceof TopicAuthorizationException topic) {
            return "%s on topic %s"
                    .formatted(
                            operation,
                            topic.unauthorizedTopics().isEmpty()
                                    ? topic.getMessage()
                                    : String.join(", ", topic.unauthorizedTopics()));
        } else if (e instanceof GroupAuthorizationException group) {
            return "Read on group "
                    + (group.groupId() == null ? group.getMessage() : group.groupId());
        } else if (e instanceof TransactionalIdAuthorizationException) {
            return "Write and Describe on its transactional ids";
        } else if (e instanceof ClusterAuthorizationException) {
            return operation + " on the cluster";
        }
        return "";
    }
}
