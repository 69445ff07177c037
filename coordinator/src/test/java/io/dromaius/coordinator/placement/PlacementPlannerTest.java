package io.dromaius.coordinator.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;
import io.dromaius.proto.internal.v1.StagePlacement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PlacementPlannerTest {
    private static final ModelDemand SIX_LAYERS = new ModelDemand(6, 100, 300, 310, 8);
    private static final long PLENTY = 1 << 20;
    private static final PlacementSettings DEFAULTS = new PlacementSettings(0, 0);

    @Test
    void everyNumberOfShardsUpToTheLayersIsSplitContiguously() {
        for (int shards = 1; shards <= 6; shards++) {
            Placement placement = planner(new PlacementSettings(shards, 0)).plan(view(members(shards)), empty());

            assertThat(placement.getPipelinesList()).hasSize(1);
            assertWhole(placement.getPipelines(0), 6);
            assertThat(placement.getPipelines(0).getStagesList()).hasSize(shards);
        }
    }

    @Test
    void theStageWithTheHeadsGetsFewerLayers() {
        PipelinePlacement pipeline = only(planner(new PlacementSettings(2, 0)).plan(view(members(2)), empty()));

        // The heads weigh 3.1 layers: 5 + 1 takes max(5, 4.1), 4 + 2 takes max(4, 5.1).
        assertThat(layers(pipeline)).containsExactly(5, 1);
    }

    @Test
    void byDefaultAPipelineTakesTheFewestShardsThatHoldTheModel() {
        assertThat(planner(DEFAULTS).plan(view(members(3)), empty()).getPipelinesList())
                .hasSize(3);
        long third = SIX_LAYERS.stageBytes(DType.D_TYPE_FP32, 2, false, true) + 400;
        List<Member> small = IntStream.range(0, 3)
                .mapToObj(i -> member("s" + i, third).build())
                .toList();

        assertThat(only(planner(DEFAULTS).plan(view(small), empty())).getStagesList())
                .hasSize(3);
    }

    @Test
    void aModelThatDoesNotFitIsNotPlaced() {
        assertThat(planner(DEFAULTS)
                        .plan(view(List.of(member("s0", 100).build())), empty())
                        .getPipelinesList())
                .isEmpty();
        assertThat(planner(new PlacementSettings(7, 0))
                        .plan(view(members(7)), empty())
                        .getPipelinesList())
                .as("more shards than layers")
                .isEmpty();
    }

    @Test
    void aSlowShardGetsFewerLayers() {
        List<Member> members = List.of(
                member("fast", PLENTY).setLayerMs(1).build(),
                member("slow", PLENTY).setLayerMs(4).build());
        ModelDemand headless = new ModelDemand(10, 100, 0, 0, 0);

        Placement placement =
                new PlacementPlanner(headless, "w", new PlacementSettings(2, 0)).plan(view(members), empty());

        Map<String, Integer> layers = new HashMap<>();
        only(placement)
                .getStagesList()
                .forEach(stage -> layers.put(stage.getMember(), stage.getEndLayer() - stage.getFirstLayer()));
        assertThat(layers).containsEntry("fast", 8).containsEntry("slow", 2);
    }

    @Test
    void memoryMakesTheSplitUneven() {
        long oneLayer = SIX_LAYERS.stageBytes(DType.D_TYPE_FP32, 1, true, false);
        List<Member> members = List.of(
                member("large", PLENTY).build(), member("small", oneLayer).build());

        PipelinePlacement pipeline = only(planner(new PlacementSettings(2, 0)).plan(view(members), empty()));

        assertWhole(pipeline, 6);
        assertThat(layers(pipeline)).containsExactlyInAnyOrder(1, 5);
    }

    @Test
    void aServingPipelineIsNotTouchedByJoiners() {
        PlacementPlanner planner = planner(new PlacementSettings(2, 0));
        Placement first = planner.plan(view(members(3)), empty());
        Placement second = planner.plan(view(members(4)), first);

        assertThat(second.getPipelinesList()).hasSize(2);
        assertThat(second.getPipelines(0)).isEqualTo(first.getPipelines(0));
        assertThat(second.getPipelines(1).getEpoch())
                .isGreaterThan(first.getPipelines(0).getEpoch());
        assertThat(planner.plan(view(members(4)), second))
                .as("nothing to change")
                .isEqualTo(second);
    }

    @Test
    void aLostMemberBreaksItsPipelineAloneAndAJoinerCompletesIt() {
        PlacementPlanner planner = planner(new PlacementSettings(2, 0));
        List<Member> members = new ArrayList<>(members(4));
        Placement before = planner.plan(view(members), empty());
        String lost = before.getPipelines(1).getStages(0).getMember();
        ClusterView broken = new ClusterView(members, Set.of("me"), Set.of(lost), "me");

        Placement without = planner.plan(broken, before);
        assertThat(without.getPipelinesList()).containsExactly(before.getPipelines(0));

        members.add(member("joiner", PLENTY).build());
        Placement after = planner.plan(new ClusterView(members, Set.of("me"), Set.of(lost), "me"), without);
        assertThat(after.getPipelines(0)).isEqualTo(before.getPipelines(0));
        assertThat(after.getPipelines(1).getStagesList())
                .extracting(StagePlacement::getMember)
                .contains("joiner", before.getPipelines(1).getStages(1).getMember());
        assertThat(after.getPipelines(1).getEpoch())
                .isGreaterThan(before.getPipelines(1).getEpoch());
    }

    @Test
    void aPipelineWhoseOwnerIsGoneGetsANewOwnerAndEpoch() {
        PlacementPlanner planner = planner(DEFAULTS);
        Placement before = planner.plan(view(members(1)), empty());

        PipelinePlacement after =
                only(planner.plan(new ClusterView(members(1), Set.of("standby"), Set.of(), "standby"), before));

        assertThat(after.getOwner()).isEqualTo("standby");
        assertThat(after.getEpoch()).isGreaterThan(only(before).getEpoch());
    }

    @Test
    void epochsRiseAboveEveryOneSeen() {
        List<Member> members = List.of(member("s", PLENTY).setHighestEpoch(41).build());

        assertThat(only(planner(DEFAULTS).plan(view(members), empty())).getEpoch())
                .isEqualTo(42);
        assertThat(only(planner(DEFAULTS)
                                .plan(
                                        view(members(1)),
                                        Placement.newBuilder()
                                                .setHighestEpoch(7)
                                                .build()))
                        .getEpoch())
                .isEqualTo(8);
    }

    @Test
    void otherDtypesAreNotMixedAndOtherWeightsNotPlaced() {
        List<Member> members = List.of(
                member("a", PLENTY).build(),
                member("b", PLENTY).setDtype(DType.D_TYPE_BF16).build(),
                member("c", PLENTY).setWeightsFingerprint("other").build());

        assertThat(planner(new PlacementSettings(2, 0))
                        .plan(view(members), empty())
                        .getPipelinesList())
                .isEmpty();
        assertThat(planner(new PlacementSettings(1, 0))
                        .plan(view(members), empty())
                        .getPipelinesList())
                .extracting(pipeline -> pipeline.getStages(0).getMember())
                .containsExactly("a", "b");
    }

    @Test
    void theOperatorBoundsThePipelines() {
        assertThat(planner(new PlacementSettings(1, 2))
                        .plan(view(members(5)), empty())
                        .getPipelinesList())
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void noSplitIsFasterThanTheOneChosen(int seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            ModelDemand demand = new ModelDemand(
                    1 + random.nextInt(7), 10 + random.nextInt(90), random.nextInt(200), random.nextInt(200), 4);
            List<Member> members = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                members.add(member("s" + i, 200 + random.nextInt(2500))
                        .setLayerMs(1 + random.nextInt(5))
                        .build());
            }
            double best = fastestByTrying(demand, members);

            double chosen = LayerSplit.over(members, demand, DType.D_TYPE_FP32)
                    .map(LayerSplit::slowest)
                    .orElse(Double.POSITIVE_INFINITY);
            assertThat(chosen).isEqualTo(best);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void whateverComesAndGoesThePlanHolds(int seed) {
        Random random = new Random(seed);
        List<Member> members = new ArrayList<>();
        Placement placement = empty();
        PlacementPlanner planner = planner(new PlacementSettings(random.nextInt(4), 0));
        Map<String, Long> epochs = new HashMap<>();
        for (int turn = 0; turn < 200; turn++) {
            if (members.isEmpty() || random.nextInt(3) > 0) {
                members.add(member("s" + turn, 1000 + random.nextInt(9000)).build());
            } else {
                members.remove(random.nextInt(members.size()));
            }
            Placement before = placement;
            placement = planner.plan(view(members), placement);

            Set<String> present = new HashSet<>();
            members.forEach(member -> present.add(member.getId()));
            Set<String> placed = new HashSet<>();
            for (PipelinePlacement pipeline : placement.getPipelinesList()) {
                assertWhole(pipeline, 6);
                for (StagePlacement stage : pipeline.getStagesList()) {
                    assertThat(present).contains(stage.getMember());
                    assertThat(placed.add(stage.getMember())).as("placed once").isTrue();
                }
                if (!before.getPipelinesList().contains(pipeline)) {
                    assertThat(pipeline.getEpoch()).isGreaterThan(before.getHighestEpoch());
                    assertThat(epochs.values()).doesNotContain(pipeline.getEpoch());
                    epochs.put(pipeline.getId(), pipeline.getEpoch());
                }
            }
            for (PipelinePlacement pipeline : before.getPipelinesList()) {
                boolean healthy =
                        pipeline.getStagesList().stream().allMatch(stage -> present.contains(stage.getMember()));
                assertThat(placement.getPipelinesList().contains(pipeline)).isEqualTo(healthy);
            }
            assertThat(planner.plan(view(members), placement)).as("stable").isEqualTo(placement);
        }
    }

    private static double fastestByTrying(ModelDemand demand, List<Member> members) {
        double best = Double.POSITIVE_INFINITY;
        for (List<Member> order : permutations(members)) {
            best = Math.min(best, fastest(demand, order, 0, demand.layers()));
        }
        return best;
    }

    private static double fastest(ModelDemand demand, List<Member> order, int stage, int left) {
        boolean last = stage == order.size() - 1;
        double best = Double.POSITIVE_INFINITY;
        for (int count = last ? Math.max(left, 1) : 1; count <= left; count++) {
            Member member = order.get(stage);
            if (demand.stageBytes(DType.D_TYPE_FP32, count, stage == 0, last) > member.getMemoryBytes()) {
                continue;
            }
            double time = 0;
            time += last ? demand.headLayers() * member.getLayerMs() : 0;
            for (int i = 0; i < count; i++) {
                time += member.getLayerMs();
            }
            best = Math.min(best, last ? time : Math.max(time, fastest(demand, order, stage + 1, left - count)));
        }
        return best;
    }

    private static List<List<Member>> permutations(List<Member> members) {
        if (members.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Member>> all = new ArrayList<>();
        for (Member head : members) {
            List<Member> rest = new ArrayList<>(members);
            rest.remove(head);
            for (List<Member> tail : permutations(rest)) {
                List<Member> order = new ArrayList<>(List.of(head));
                order.addAll(tail);
                all.add(order);
            }
        }
        return all;
    }

    private static void assertWhole(PipelinePlacement pipeline, int layers) {
        int next = 0;
        for (StagePlacement stage : pipeline.getStagesList()) {
            assertThat(stage.getFirstLayer()).isEqualTo(next);
            assertThat(stage.getEndLayer()).isGreaterThan(next);
            next = stage.getEndLayer();
        }
        assertThat(next).isEqualTo(layers);
    }

    private static List<Integer> layers(PipelinePlacement pipeline) {
        return pipeline.getStagesList().stream()
                .map(stage -> stage.getEndLayer() - stage.getFirstLayer())
                .toList();
    }

    private static PipelinePlacement only(Placement placement) {
        assertThat(placement.getPipelinesList()).hasSize(1);
        return placement.getPipelines(0);
    }

    private static PlacementPlanner planner(PlacementSettings settings) {
        return new PlacementPlanner(SIX_LAYERS, "w", settings);
    }

    private static Placement empty() {
        return Placement.getDefaultInstance();
    }

    private static ClusterView view(List<Member> shards) {
        return new ClusterView(shards, Set.of("me"), Set.of(), "me");
    }

    private static List<Member> members(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> member("s" + i, PLENTY).build())
                .toList();
    }

    private static Member.Builder member(String id, long memory) {
        return Member.newBuilder()
                .setId(id)
                .setRole(Member.Role.ROLE_SHARD)
                .setEndpoint(id + ":1")
                .setDtype(DType.D_TYPE_FP32)
                .setWeightsFingerprint("w")
                .setMemoryBytes(memory);
    }
}
