package io.dromaius.coordinator.placement;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.dromaius.proto.internal.v1.Member;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Who is there, as the leader sees it.
 *
 * @param shards registered shard workers
 * @param coordinators ids of registered coordinators
 * @param lost ids of shards that an owner has lost its connection to; registered or not, they are not placed
 * @param leader the coordinator that plans, and owns what it forms
 */
public record ClusterView(List<Member> shards, Set<String> coordinators, Set<String> lost, String leader) {
    public ClusterView {
        shards = List.copyOf(shards);
        coordinators = Set.copyOf(coordinators);
        lost = Set.copyOf(lost);
    }

    /** The view of {@code leader}: what each coordinator has lost is published in its own {@link Member}. */
    public static ClusterView of(Collection<Member> shards, Collection<Member> coordinators, String leader) {
        ImmutableSet<String> ids = coordinators.stream().map(Member::getId).collect(ImmutableSet.toImmutableSet());
        ImmutableSet<String> lost =
                coordinators.stream().flatMap(m -> m.getLostList().stream()).collect(ImmutableSet.toImmutableSet());
        return new ClusterView(ImmutableList.copyOf(shards), ids, lost, leader);
    }

    /** Shards that may be placed. */
    List<Member> placeable() {
        return shards.stream().filter(shard -> !lost.contains(shard.getId())).toList();
    }
}
