package io.dromaius.shard;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/** The memory of this process that is not its Java heap, whose pages are touched when the collector likes. Linux only. */
final class NativeMemory {
    private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-f]{9,16})");
    private static final Pattern MAPPING = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) .*");

    private NativeMemory() {}

    static long residentBytes() throws IOException, JMException {
        long[] heap = heap();
        long kibibytes = 0;
        boolean counts = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            Matcher mapping = MAPPING.matcher(line);
            if (mapping.matches()) {
                long start = Long.parseUnsignedLong(mapping.group(1), 16);
                counts = start < heap[0] || start >= heap[1];
            } else if (counts && line.startsWith("Anonymous:")) {
                kibibytes += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return kibibytes * 1024;
    }

    /** First address and end of the heap's reserved range. */
    private static long[] heap() throws JMException {
        Object info = ManagementFactory.getPlatformMBeanServer()
                .invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcHeapInfo", null, null);
        long[] addresses = ADDRESS.matcher(info.toString())
                .results()
                .map(MatchResult::group)
                .mapToLong(address -> Long.parseUnsignedLong(address.substring(2), 16))
                .sorted()
                .toArray();
        return new long[] {addresses[0], addresses[0] + Runtime.getRuntime().maxMemory()};
    }
}
