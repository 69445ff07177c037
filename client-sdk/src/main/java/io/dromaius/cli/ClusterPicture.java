package io.dromaius.cli;

import io.dromaius.proto.v1.ClusterMember;
import io.dromaius.proto.v1.GetClusterResponse;
import io.dromaius.proto.v1.Load;
import io.dromaius.proto.v1.ModelInfo;
import io.dromaius.proto.v1.PipelineInfo;
import io.dromaius.proto.v1.StageInfo;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A cluster as a picture in text. */
final class ClusterPicture {
    private static final int BAR = 10;
    private static final int MEMBER_CHARACTERS = 16;

    private ClusterPicture() {}

    static String draw(GetClusterResponse cluster) {
        StringBuilder picture = new StringBuilder();
        head(picture, cluster);
        for (PipelineInfo pipeline : cluster.getPipelinesList()) {
            pipeline(picture, pipeline);
        }
        if (cluster.getPipelinesCount() == 0) {
            picture.append("\n  no pipeline: the shard workers that are here cannot hold all layers\n");
        }
        members(picture, cluster);
        return picture.toString();
    }

    private static void head(StringBuilder picture, GetClusterResponse cluster) {
        ModelInfo model = cluster.getModel();
        Load load = cluster.getLoad();
        picture.append(String.format(
                Locale.ROOT,
                "%s   %s, %d layers x %d, context %d%n",
                cluster.getCluster(),
                model.getName(),
                model.getLayers(),
                model.getHiddenSize(),
                model.getContext()));
        picture.append(String.format(
                Locale.ROOT,
                "running %d, queued %d (%d of %d tokens), %d cached pictures%n",
                load.getRunning(),
                load.getQueued(),
                load.getQueuedTokens(),
                load.getQueueLimitTokens(),
                load.getCachedEmbeddings()));
        picture.append("coordinator ").append(cluster.getCoordinator());
        picture.append(
                cluster.getLeader().equals(cluster.getCoordinator()) ? " (leads)" : ", led by " + cluster.getLeader());
        picture.append(
                cluster.getRegistryConnected()
                        ? "\n"
                        : "\nZooKeeper is away: serving goes on, on the last known placement\n");
    }

    private static void pipeline(StringBuilder picture, PipelineInfo pipeline) {
        picture.append(String.format(
                Locale.ROOT,
                "%npipeline %s  epoch %d  %s%s%n",
                pipeline.getId(),
                pipeline.getEpoch(),
                state(pipeline.getState()),
                pipeline.getDetail().isEmpty() ? "" : ": " + pipeline.getDetail()));
        List<List<String>> boxes =
                pipeline.getStagesList().stream().map(ClusterPicture::box).toList();
        for (int line = 0; !boxes.isEmpty() && line < boxes.get(0).size(); line++) {
            int row = line;
            String joint = row == 2 ? " --> " : "     ";
            picture.append("  ")
                    .append(boxes.stream().map(box -> box.get(row)).collect(Collectors.joining(joint)))
                    .append('\n');
        }
        int blocks = pipeline.getBlocks();
        picture.append(String.format(
                Locale.ROOT,
                "  running %d, waiting %d, %d steps, KV %s %d of %d blocks%n",
                pipeline.getRunning(),
                pipeline.getWaiting(),
                pipeline.getSteps(),
                bar(blocks == 0 ? 0 : 1 - (double) pipeline.getFreeBlocks() / blocks),
                blocks - pipeline.getFreeBlocks(),
                blocks));
    }

    private static List<String> box(StageInfo stage) {
        List<String> lines = List.of(
                shorten(stage.getMember()),
                "layers " + stage.getFirstLayer() + "-" + (stage.getEndLayer() - 1),
                String.format(
                        Locale.ROOT,
                        "%s %3.0f %%",
                        bar(stage.getBusy()),
                        100 * Math.min(1, Math.max(0, stage.getBusy()))));
        int width = lines.stream().mapToInt(String::length).max().orElse(0);
        String edge = "+" + "-".repeat(width + 2) + "+";
        return IntStream.range(0, lines.size() + 2)
                .mapToObj(i -> i == 0 || i > lines.size()
                        ? edge
                        : "| " + lines.get(i - 1)
                                + " ".repeat(width - lines.get(i - 1).length()) + " |")
                .toList();
    }

    private static void members(StringBuilder picture, GetClusterResponse cluster) {
        Set<String> placed = cluster.getPipelinesList().stream()
                .flatMap(pipeline -> pipeline.getStagesList().stream())
                .map(StageInfo::getMember)
                .collect(Collectors.toSet());
        picture.append("\nmembers\n");
        for (ClusterMember member : cluster.getMembersList()) {
            boolean idle = member.getRole().equals("shard") && !placed.contains(member.getId());
            picture.append(String.format(
                    Locale.ROOT,
                    "  %-11s %-" + MEMBER_CHARACTERS + "s %-21s %-6s %-4s %s%s%n",
                    member.getRole(),
                    shorten(member.getId()),
                    member.getEndpoint(),
                    member.getDevice(),
                    member.getDtype(),
                    member.getMemoryBytes() == 0 ? "" : gibibytes(member.getMemoryBytes()),
                    idle ? "  (spare)" : ""));
        }
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }

    private static String state(PipelineInfo.State state) {
        return switch (state) {
            case STATE_SERVING -> "serving";
            case STATE_LOADING -> "loading";
            case STATE_BROKEN -> "BROKEN";
            case STATE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }

    private static String bar(double share) {
        int full = (int) Math.round(BAR * Math.min(1, Math.max(0, share)));
        return "#".repeat(full) + ".".repeat(BAR - full);
    }

    private static String shorten(String id) {
        return id.length() <= MEMBER_CHARACTERS ? id : id.substring(0, MEMBER_CHARACTERS - 1) + "~";
    }
}
