package io.dromaius.coordinator.placement;

import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;
import io.dromaius.proto.internal.v1.StagePlacement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * From who is there and what is placed to what should be placed. A pure function: same input, same plan.
 *
 * <p>Pipelines whose members are all there, are not lost, and whose owner lives are kept as they are. All other members
 * are free, and form as many whole pipelines as fit. Members of another dtype are never mixed; members of another
 * checkpoint are not placed. Each new pipeline gets an epoch above every one seen in the old record or by any member.
 */
public final class PlacementPlanner {
    private static final Comparator<Member> MOST_MEMORY_FIRST =
            Comparator.comparingLong(Member::getMemoryBytes).reversed().thenComparing(Member::getId);

    private final ModelDemand demand;
    private final String fingerprint;
    private final PlacementSettings settings;

    /** Plans for the checkpoint named {@code fingerprint}. */
    public PlacementPlanner(ModelDemand demand, String fingerprint, PlacementSettings settings) {
        this.demand = demand;
        this.fingerprint = fingerprint;
        this.settings = settings;
    }

    /** The placement that should follow {@code current}; equal to it where nothing has to change. */
    public Placement plan(ClusterView view, Placement current) {
        Map<String, Member> placeable = new HashMap<>();
        view.placeable().forEach(member -> placeable.put(member.getId(), member));
        List<PipelinePlacement> planned = new ArrayList<>();
        for (PipelinePlacement pipeline : current.getPipelinesList()) {
            if (stands(pipeline, placeable, view)) {
                planned.add(pipeline);
            }
        }
        Set<String> taken = new HashSet<>();
        planned.forEach(pipeline -> pipeline.getStagesList().forEach(stage -> taken.add(stage.getMember())));
        long epoch = highestEpoch(view, current);
        for (DType dtype : List.of(DType.D_TYPE_FP32, DType.D_TYPE_BF16, DType.D_TYPE_FP16)) {
            List<Member> free = free(placeable, taken, dtype);
            while (settings.maxPipelines() == 0 || planned.size() < settings.maxPipelines()) {
                Optional<LayerSplit> split = form(free, dtype);
                if (split.isEmpty()) {
                    break;
                }
                List<StagePlacement> stages = split.get().stages();
                planned.add(PipelinePlacement.newBuilder()
                        .setId(unusedId(planned))
                        .setEpoch(++epoch)
                        .setOwner(view.leader())
                        .addAllStages(stages)
                        .build());
                Set<String> members = new HashSet<>();
                stages.forEach(stage -> members.add(stage.getMember()));
                free = free.stream()
                        .filter(member -> !members.contains(member.getId()))
                        .toList();
            }
        }
        return Placement.newBuilder()
                .addAllPipelines(planned)
                .setHighestEpoch(epoch)
                .build();
    }

    private boolean stands(PipelinePlacement pipeline, Map<String, Member> placeable, ClusterView view) {
        int layer = 0;
        for (StagePlacement stage : pipeline.getStagesList()) {
            Member member = placeable.get(stage.getMember());
            if (member == null || !member.getEndpoint().equals(stage.getEndpoint()) || stage.getFirstLayer() != layer) {
                return false;
            }
            layer = stage.getEndLayer();
        }
        return layer == demand.layers() && view.coordinators().contains(pipeline.getOwner());
    }

    private List<Member> free(Map<String, Member> placeable, Set<String> taken, DType dtype) {
        return placeable.values().stream()
                .filter(member -> member.getDtype() == dtype)
                .filter(member -> member.getWeightsFingerprint().equals(fingerprint))
                .filter(member -> !taken.contains(member.getId()))
                .sorted(MOST_MEMORY_FIRST)
                .toList();
    }

    /**
     * One pipeline out of members sorted by memory: of the fewest members that fit (or the number asked for), those with
     * the least memory, so that what is left can hold as many further pipelines as possible.
     */
    private Optional<LayerSplit> form(List<Member> free, DType dtype) {
        int asked = settings.shardsPerPipeline();
        int most = Math.min(free.size(), asked == 0 ? demand.layers() : asked);
        for (int size = asked == 0 ? 1 : asked; size <= most; size++) {
            for (int end = free.size(); end >= size; end--) {
                Optional<LayerSplit> split = LayerSplit.over(free.subList(end - size, end), demand, dtype);
                if (split.isPresent()) {
                    return split;
                }
            }
        }
        return Optional.empty();
    }

    private static long highestEpoch(ClusterView view, Placement current) {
        LongStream placed = current.getPipelinesList().stream().mapToLong(PipelinePlacement::getEpoch);
        LongStream seen = view.shards().stream().mapToLong(Member::getHighestEpoch);
        return Math.max(
                current.getHighestEpoch(), LongStream.concat(placed, seen).max().orElse(0));
    }

    private static String unusedId(List<PipelinePlacement> planned) {
        Set<String> used = new HashSet<>();
        planned.forEach(pipeline -> used.add(pipeline.getId()));
        int number = 0;
        while (used.contains("pipeline-" + number)) {
            number++;
        }
        return "pipeline-" + number;
    }
}
