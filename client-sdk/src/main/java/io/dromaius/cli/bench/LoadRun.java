package io.dromaius.cli.bench;

import io.dromaius.cli.cluster.ProcessRecord;
import io.dromaius.client.EmuClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
        Map<String, ProcessSample> before = ProcessSample.of(processes);
        recording.measure(true);
        long from = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(measured.toNanos());
        recording.measure(false);
        double seconds = (System.nanoTime() - from) / 1e9;
        Map<String, ProcessSample> after = ProcessSample.of(processes);
        sending.join();
        return BenchReport.between(before, after, settings, recording.figures(seconds));
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
