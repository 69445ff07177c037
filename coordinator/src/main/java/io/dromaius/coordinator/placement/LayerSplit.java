package io.dromaius.coordinator.placement;

import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.StagePlacement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The split of all layers over given members that makes the slowest stage as fast as it can be, within each member's
 * memory, every member holding at least one layer.
 *
 * <p>Layers are alike, so only who is first (token embedding) and who is last (heads) matters besides the counts. For
 * each such pair, layers are dealt one at a time to the stage that ends up fastest with it. As a stage's time grows
 * linearly with its layers, that is optimal, and among the optimal splits the most even one.
 */
final class LayerSplit {
    private static final Comparator<LayerSplit> FASTEST = Comparator.<LayerSplit>comparingDouble(split -> split.slowest)
            .thenComparingDouble(split -> split.unevenness);

    private final List<Member> order;
    private final int[] counts;
    private final double slowest;
    private final double unevenness;

    private LayerSplit(List<Member> order, int[] counts, double[] times) {
        this.order = order;
        this.counts = counts;
        double longest = 0;
        double squares = 0;
        for (double time : times) {
            longest = Math.max(longest, time);
            squares += time * time;
        }
        this.slowest = longest;
        this.unevenness = squares;
    }

    /** The best split over exactly these members, or empty where the model does not fit. */
    static Optional<LayerSplit> over(List<Member> members, ModelDemand demand, DType dtype) {
        int size = members.size();
        if (size == 0 || size > demand.layers()) {
            return Optional.empty();
        }
        double unknown = medianLayerMillis(members);
        LayerSplit best = null;
        for (int first = 0; first < size; first++) {
            for (int last = 0; last < size; last++) {
                if (first == last && size > 1) {
                    continue;
                }
                Optional<LayerSplit> split = deal(ordered(members, first, last), demand, dtype, unknown);
                if (split.isPresent() && (best == null || FASTEST.compare(split.get(), best) < 0)) {
                    best = split.get();
                }
            }
        }
        return Optional.ofNullable(best);
    }

    List<StagePlacement> stages() {
        List<StagePlacement> stages = new ArrayList<>();
        int layer = 0;
        for (int i = 0; i < counts.length; i++) {
            stages.add(StagePlacement.newBuilder()
                    .setMember(order.get(i).getId())
                    .setEndpoint(order.get(i).getEndpoint())
                    .setFirstLayer(layer)
                    .setEndLayer(layer + counts[i])
                    .build());
            layer += counts[i];
        }
        return stages;
    }

    /** Time of the slowest stage for one row, in the unit of the members' layer times. */
    double slowest() {
        return slowest;
    }

    private static Optional<LayerSplit> deal(List<Member> order, ModelDemand demand, DType dtype, double unknown) {
        int size = order.size();
        int[] counts = new int[size];
        double[] times = new double[size];
        double[] layerMillis = new double[size];
        for (int i = 0; i < size; i++) {
            double measured = order.get(i).getLayerMs();
            layerMillis[i] = measured > 0 ? measured : unknown;
            times[i] = i == size - 1 ? demand.headLayers() * layerMillis[i] : 0;
            if (!fits(order, demand, dtype, i, 1)) {
                return Optional.empty();
            }
            counts[i] = 1;
            times[i] += layerMillis[i];
        }
        for (int dealt = size; dealt < demand.layers(); dealt++) {
            int fastest = -1;
            for (int i = 0; i < size; i++) {
                boolean faster = fastest < 0 || times[i] + layerMillis[i] < times[fastest] + layerMillis[fastest];
                if (faster && fits(order, demand, dtype, i, counts[i] + 1)) {
                    fastest = i;
                }
            }
            if (fastest < 0) {
                return Optional.empty();
            }
            counts[fastest]++;
            times[fastest] += layerMillis[fastest];
        }
        return Optional.of(new LayerSplit(order, counts, times));
    }

    private static boolean fits(List<Member> order, ModelDemand demand, DType dtype, int stage, int count) {
        long bytes = demand.stageBytes(dtype, count, stage == 0, stage == order.size() - 1);
        return bytes <= order.get(stage).getMemoryBytes();
    }

    private static List<Member> ordered(List<Member> members, int first, int last) {
        List<Member> order = new ArrayList<>(members.size());
        order.add(members.get(first));
        for (int i = 0; i < members.size(); i++) {
            if (i != first && i != last) {
                order.add(members.get(i));
            }
        }
        if (last != first) {
            order.add(members.get(last));
        }
        return order;
    }

    /** What a member that has not measured itself is taken to need. */
    private static double medianLayerMillis(List<Member> members) {
        double[] known = members.stream()
                .mapToDouble(Member::getLayerMs)
                .filter(millis -> millis > 0)
                .sorted()
                .toArray();
        return known.length == 0 ? 1 : known[known.length / 2];
    }
}
