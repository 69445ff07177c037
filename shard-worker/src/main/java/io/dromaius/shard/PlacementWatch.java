package io.dromaius.shard;

import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;

/**
 * Lets a shard go that the cluster has no place for. A record that knows the shard's epoch, or a later one, and does not
 * name the shard has given its place away; that happens to a shard that was cut off for a while. Until such a record is
 * read, whatever becomes of the connection to ZooKeeper, the shard serves on.
 */
final class PlacementWatch {
    private final String member;
    private final ShardWorker worker;

    PlacementWatch(String member, ShardWorker worker) {
        this.member = member;
        this.worker = worker;
    }

    void seen(Placement placement) {
        boolean named = placement.getPipelinesList().stream()
                .flatMap(pipeline -> pipeline.getStagesList().stream())
                .anyMatch(stage -> stage.getMember().equals(member));
        if (!named) {
            worker.release(newestEpoch(placement));
        }
    }

    private static long newestEpoch(Placement placement) {
        return placement.getPipelinesList().stream()
                .mapToLong(PipelinePlacement::getEpoch)
                .reduce(placement.getHighestEpoch(), Math::max);
    }
}
