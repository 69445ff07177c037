package io.dromaius.cli;

import java.nio.file.Path;

/** The checkout that the launcher belongs to; it says so in {@code emu.home}. */
final class ProjectHome {
    private ProjectHome() {}

    /** Folder of the demo: its world, its grader and its model. It need not be there. */
    static Path demo() {
        return Path.of(System.getProperty("emu.home", "")).toAbsolutePath().resolve("demo");
    }

    /** Folder of the demo model. It need not be there. */
    static Path demoModel() {
        return demo().resolve("emu-demo");
    }
}
