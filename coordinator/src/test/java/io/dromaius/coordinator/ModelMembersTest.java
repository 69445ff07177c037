package io.dromaius.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;
import io.dromaius.proto.internal.v1.StagePlacement;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ModelMembersTest {
    private static final Placement NOTHING = Placement.getDefaultInstance();

    private final ModelMembers members = new ModelMembers("ours", DType.D_TYPE_BF16);

    @Test
    void aMemberOfAnotherCheckpointGetsNoWork() {
        Member ours = member("a", Member.Role.ROLE_ENCODER, "ours", DType.D_TYPE_BF16);
        Member theirs = member("b", Member.Role.ROLE_ENCODER, "theirs", DType.D_TYPE_BF16);
        Member unknown = member("c", Member.Role.ROLE_ENCODER, "", DType.D_TYPE_BF16);
        Member decoder = member("d", Member.Role.ROLE_DECODER, "ours", DType.D_TYPE_BF16);
        List<Member> all = List.of(ours, theirs, unknown, decoder);

        assertThat(members.of(Member.Role.ROLE_ENCODER, all)).containsExactly(ours);
        assertThat(members.of(Member.Role.ROLE_DECODER, all)).containsExactly(decoder);
    }

    @Test
    void aStrangerIsToldOfOnceForEachTimeItComes() {
        Member theirs = member("b", Member.Role.ROLE_DECODER, "theirs", DType.D_TYPE_BF16);

        assertThat(members.update(List.of(theirs), NOTHING)).containsExactly(theirs);
        assertThat(members.update(List.of(theirs), NOTHING)).isEmpty();
        assertThat(members.update(List.of(), NOTHING)).isEmpty();
        assertThat(members.update(List.of(theirs), NOTHING)).containsExactly(theirs);
    }

    @Test
    void anEncoderOrDecoderMayComputeInAnotherDtypeThanTheShards() {
        Member exact = member("e", Member.Role.ROLE_ENCODER, "ours", DType.D_TYPE_FP32);

        assertThat(members.of(Member.Role.ROLE_ENCODER, List.of(exact))).containsExactly(exact);
    }

    @Test
    void aShardsDtypeIsKnownWhileItIsThereOrPlaced() {
        Member shard = member("s", Member.Role.ROLE_SHARD, "ours", DType.D_TYPE_FP32);
        Placement placed = Placement.newBuilder()
                .addPipelines(PipelinePlacement.newBuilder()
                        .addStages(StagePlacement.newBuilder().setMember("s")))
                .build();

        assertThat(members.dtypeOf("s")).isEqualTo(DType.D_TYPE_BF16);
        members.update(List.of(shard), NOTHING);
        assertThat(members.dtypeOf("s")).isEqualTo(DType.D_TYPE_FP32);
        members.update(List.of(), placed);
        assertThat(members.dtypeOf("s")).isEqualTo(DType.D_TYPE_FP32);
        members.update(List.of(), NOTHING);
        assertThat(members.dtypeOf("s")).isEqualTo(DType.D_TYPE_BF16);
    }

    private static Member member(String id, Member.Role role, String fingerprint, DType dtype) {
        return Member.newBuilder()
                .setId(id)
                .setRole(role)
                .setWeightsFingerprint(fingerprint)
                .setDtype(dtype)
                .build();
    }
}
