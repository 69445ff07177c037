package io.dromaius.coordinator;

import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;
import io.dromaius.proto.internal.v1.StagePlacement;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which members serve a coordinator's checkpoint, and what its shards compute in. Encoders and decoders may compute in
 * another dtype than the shards: what travels between them is converted at their end.
 *
 * <p>One thread updates; all else is thread-safe.
 */
final class ModelMembers {
    private final String fingerprint;
    private final DType byDefault;
    private final Map<String, DType> dtypes = new ConcurrentHashMap<>();
    private final Set<String> strangers = new HashSet<>();

    /**
     * Knows nobody yet.
     *
     * @param fingerprint of the checkpoint
     * @param byDefault what a shard computes in that was never seen
     */
    ModelMembers(String fingerprint, DType byDefault) {
        this.fingerprint = fingerprint;
        this.byDefault = byDefault;
    }

    /** Those of one role that serve this checkpoint. */
    List<Member> of(Member.Role role, Collection<Member> members) {
        return members.stream()
                .filter(member -> member.getRole() == role && serves(member))
                .toList();
    }

    /**
     * Takes over who is there. Who is neither there nor placed is forgotten.
     *
     * @return those that serve another checkpoint and were not there before
     */
    List<Member> update(Collection<Member> members, Placement placement) {
        Set<String> kept = placed(placement);
        for (Member member : members) {
            kept.add(member.getId());
            if (member.getRole() == Member.Role.ROLE_SHARD) {
                dtypes.put(member.getId(), member.getDtype());
            }
        }
        dtypes.keySet().retainAll(kept);
        strangers.retainAll(kept);
        return members.stream()
                .filter(member -> !serves(member) && strangers.add(member.getId()))
                .toList();
    }

    /** What a shard computes in, also when it has left and is still placed. */
    DType dtypeOf(String shard) {
        return dtypes.getOrDefault(shard, byDefault);
    }

    private boolean serves(Member member) {
        return member.getWeightsFingerprint().equals(fingerprint);
    }

    private static Set<String> placed(Placement placement) {
        Set<String> placed = new HashSet<>();
        for (PipelinePlacement pipeline : placement.getPipelinesList()) {
            pipeline.getStagesList().stream().map(StagePlacement::getMember).forEach(placed::add);
        }
        return placed;
    }
}
