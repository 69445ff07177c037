package io.dromaius.cli.bench;

import io.dromaius.cli.cluster.ProcessRecord;
import io.dromaius.client.EmuClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A load with a warm-up before it. What happens in the warm-up, and after the measured time while the last requests end,
 * does not count.
 */
public record LoadRun(Load load, Workload workload, Duration warmUp, Duration measured) {

    /** @param processes of the cluster, if they are on this machine */
    public BenchReport run(EmuClient emu, Map<String, String> settings, List<ProcessRecord> processes)
            throws InterruptedException {
        Recording recording = new Recording();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(emu, recording));
        TimeUnit.NANOSECONDS.sleep(warmUp.toNanos());
        Map<String, Duration> before = cpu(processes);
        recording.measure(true);
        long from = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(measured.toNanos());
        recording.measure(false);
        double seconds = (System.nanoTime() - from) / 1e9;
        BenchReport.Figures figures = recording.figures(seconds);
        Map<String, Double> cpuPerToken = new TreeMap<>();
        cpu(processes).forEach((name, after) -> {
            Duration used = after.minus(before.getOrDefault(name, after));
            double tokens = figures.tokensPerSecond() * seconds;
            if (tokens > 0) {
                cpuPerToken.put(name, used.toNanos() / 1e3 / tokens);
            }
        });
        sending.join();
        return new BenchReport(settings, figures, cpuPerToken);
    }

    private static Map<String, Duration> cpu(List<ProcessRecord> processes) {
        Map<String, Duration> used = new TreeMap<>();
        processes.forEach(process -> process.cpu().ifPresent(cpu -> used.put(process.name(), cpu)));
        return used;
    }

    private void send(EmuClient emu, Recording recording) {
        try {
            load.run(emu, workload, recording, warmUp.plus(measured));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }
}
