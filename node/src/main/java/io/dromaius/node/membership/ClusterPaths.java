package io.dromaius.node.membership;

import io.dromaius.proto.internal.v1.Member;
import java.util.Locale;

/** Where a cluster's nodes are in ZooKeeper. */
record ClusterPaths(String cluster) {
    private static final String ROOT = "/dromaius/v1/";

    String members() {
        return ROOT + cluster + "/members";
    }

    /** An ephemeral node with a {@link Member}. */
    String member(Member member) {
        String role = member.getRole().name().substring("ROLE_".length()).toLowerCase(Locale.ROOT);
        return members() + "/" + role + "/" + member.getId();
    }

    /** The latch whose holder writes placements. */
    String leader() {
        return ROOT + cluster + "/leader";
    }

    /** The one node with a {@code Placement}. */
    String placement() {
        return ROOT + cluster + "/placement";
    }
}
