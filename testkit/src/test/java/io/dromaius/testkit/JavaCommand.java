package io.dromaius.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Java as tests start it. */
final class JavaCommand {
    private JavaCommand() {}

    /** Runs {@code mainClass} with this JVM's Java and class path, in little memory. */
    static List<String> of(String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // It lives for a minute or two: the second compiler would cost more than it gains.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx192m",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
        command.addAll(arguments);
        return command;
    }
}
