package io.dromaius.cli.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dromaius.cli.CommandFailure;
import io.dromaius.model.spec.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Folder of one cluster on this machine: the record of its processes, their logs, and ZooKeeper's data. */
public record StateDirectory(Path path) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The folder that {@code cluster} has unless told otherwise. */
    public static StateDirectory of(String cluster) {
        return new StateDirectory(Path.of(System.getProperty("user.home"), ".dromaius", cluster));
    }

    public Path logs() {
        return path.resolve("logs");
    }

    public Path zookeeperData() {
        return path.resolve("zookeeper");
    }

    public Path log(String process) {
        return logs().resolve(process + ".log");
    }

    /** What runs here, or ran. */
    public Optional<ClusterRecord> read() {
        Path file = record();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), ClusterRecord.class));
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read " + file + ": " + IoReason.of(e),
                    "stop the cluster's processes by hand and remove that file",
                    e);
        }
    }

    void create() {
        try {
            Files.createDirectories(logs());
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot create " + logs() + ": " + IoReason.of(e), "name another folder with --state", e);
        }
    }

    /** Replaces the record in one move, so that no command reads half of it. */
    void write(ClusterRecord cluster) {
        Path partial = path.resolve("cluster.json.partial");
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(partial.toFile(), cluster);
            Files.move(partial, record(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot write " + record() + ": " + IoReason.of(e), "name another folder with --state", e);
        }
    }

    void clear() {
        try {
            Files.deleteIfExists(record());
        } catch (IOException e) {
            throw new CommandFailure("cannot remove " + record() + ": " + IoReason.of(e), "remove it by hand", e);
        }
    }

    private Path record() {
        return path.resolve("cluster.json");
    }
}
