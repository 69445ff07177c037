package io.dromaius.cli;

import io.dromaius.cli.cluster.ClusterRecord;
import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.cli.cluster.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Folder of one run of a command that starts clusters of its own, named after its process, so that runs do not meet. Closing it
 * stops what still runs there and deletes it.
 */
final class RunFolder implements AutoCloseable {
    private final Path path;

    private RunFolder(Path path) {
        this.path = path;
    }

    /** Creates one in the user's home, and clears away what runs of this command that were killed have left. */
    static RunFolder create(String command) {
        return create(Path.of(System.getProperty("user.home"), ".dromaius"), command);
    }

    static RunFolder create(Path parent, String command) {
        try {
            Files.createDirectories(parent);
            String prefix = command + "-";
            for (Path folder : folders(parent, prefix)) {
                long pid = Long.parseLong(folder.getFileName().toString().substring(prefix.length()));
                if (ProcessHandle.of(pid).isEmpty()) {
                    new RunFolder(folder).close();
                }
            }
            return new RunFolder(Files.createDirectories(
                    parent.resolve(prefix + ProcessHandle.current().pid())));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + parent, e);
        }
    }

    /** Its last name, fit for a cluster. */
    String name() {
        return path.getFileName().toString();
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(path)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            deepestFirst.stream()
                    .filter(Files::isDirectory)
                    .map(StateDirectory::new)
                    .forEach(RunFolder::stop);
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + path, e);
        }
    }

    private static void stop(StateDirectory state) {
        state.read().filter(ClusterRecord::alive).ifPresent(left -> LocalCluster.stop(state, left, LocalCluster.DRAIN));
    }

    private static List<Path> folders(Path parent, String prefix) throws IOException {
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.filter(entry -> entry.getFileName().toString().matches(prefix + "\\d+"))
                    .toList();
        }
    }
}
