package io.dromaius.cli;

import io.dromaius.cli.cluster.ClusterRecord;
import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.cli.cluster.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Folder of one run of a command that starts clusters of its own, so that runs do not meet. Closing it stops what still runs
 * there and deletes it.
 *
 * <p>A lock in it is held for as long as the run's process lives, wherever that is: homes may be shared between hosts and
 * containers, which do not see each other's processes. A folder whose lock can be had is what a killed run has left.
 */
final class RunFolder implements AutoCloseable {
    private static final String LOCK = "run.lock";

    private final Path path;
    private final FileChannel lock;

    private RunFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
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
                locked(folder).ifPresent(RunFolder::close);
            }
            Optional<RunFolder> created = Optional.empty();
            while (created.isEmpty()) { // another run may take one that is not locked yet for a leftover
                created = locked(Files.createTempDirectory(parent, prefix), StandardOpenOption.CREATE_NEW);
            }
            return created.get();
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
        try (lock) {
            contents().stream()
                    .filter(Files::isDirectory)
                    .map(StateDirectory::new)
                    .forEach(RunFolder::stop);
            for (Path file : contents()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + path, e);
        }
    }

    private static void stop(StateDirectory state) {
        state.read().filter(ClusterRecord::alive).ifPresent(left -> LocalCluster.stop(state, left, LocalCluster.DRAIN));
    }

    /** The folder with its lock; empty if another holds that, or has removed the folder. */
    private static Optional<RunFolder> locked(Path folder, OpenOption... options) throws IOException {
        Path file = folder.resolve(LOCK);
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    file,
                    Stream.concat(Stream.of(StandardOpenOption.WRITE), Stream.of(options))
                            .toArray(OpenOption[]::new));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (tryLock(channel) != null && Files.exists(file)) {
            return Optional.of(new RunFolder(folder, channel));
        }
        channel.close();
        return Optional.empty();
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // a run in this process
        }
    }

    /** All that is in the folder, deepest first, and the folder. Processes that still run there may remove some meanwhile. */
    private List<Path> contents() throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                found.add(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException cause) throws IOException {
                if (cause instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw cause;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException cause) throws IOException {
                if (cause != null) {
                    throw cause;
                }
                found.add(folder);
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private static List<Path> folders(Path parent, String prefix) throws IOException {
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.filter(entry -> entry.getFileName().toString().matches(prefix + "\\d+"))
                    .toList();
        }
    }
}
