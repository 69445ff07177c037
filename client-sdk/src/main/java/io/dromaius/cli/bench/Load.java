package io.dromaius.cli.bench;

import io.dromaius.client.EmuClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A way to send requests. */
public sealed interface Load {
    /** Sends requests until the time is up, then waits for those that are out. */
    void run(EmuClient emu, Workload workload, Recording recording, Duration time) throws InterruptedException;

    /**
     * Open loop: requests come at random, {@code rate} a second on average, whether or not earlier ones have ended, as
     * independent users do. The times between them are exponential (a Poisson process).
     */
    record Open(double rate, long seed) implements Load {
        public Open {
            if (rate <= 0) {
                throw new IllegalArgumentException("the rate must be above 0, but is " + rate);
            }
        }

        @Override
        public String toString() {
            return rate + " requests a second, seed " + seed;
        }

        /** Nanoseconds until the next arrival. */
        long gap(Random random) {
            return (long) (-Math.log(1 - random.nextDouble()) / rate * 1e9);
        }

        @Override
        public void run(EmuClient emu, Workload workload, Recording recording, Duration time)
                throws InterruptedException {
            Random random = new Random(seed);
            List<CompletableFuture<Void>> out = new ArrayList<>();
            long end = System.nanoTime() + time.toNanos();
            for (long due = System.nanoTime() + gap(random); due < end; due += gap(random)) {
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                out.add(MeasuredCall.send(emu, workload.next(random), recording, due));
                out.removeIf(CompletableFuture::isDone);
            }
            CompletableFuture.allOf(out.toArray(CompletableFuture[]::new)).join();
        }
    }

    /** Closed loop: {@code clients} users, each of whom sends the next request when the last one has ended. */
    record Closed(int clients, long seed) implements Load {
        public Closed {
            if (clients < 1) {
                throw new IllegalArgumentException("there must be at least one client, but there are " + clients);
            }
        }

        @Override
        public String toString() {
            return clients + " clients, seed " + seed;
        }

        @Override
        public void run(EmuClient emu, Workload workload, Recording recording, Duration time) {
            long end = System.nanoTime() + time.toNanos();
            List<CompletableFuture<Void>> users = new ArrayList<>();
            for (int user = 0; user < clients; user++) {
                users.add(next(emu, workload, recording, new Random(seed + user), end));
            }
            CompletableFuture.allOf(users.toArray(CompletableFuture[]::new)).join();
        }

        private static CompletableFuture<Void> next(
                EmuClient emu, Workload workload, Recording recording, Random random, long end) {
            long now = System.nanoTime();
            if (now >= end) {
                return CompletableFuture.completedFuture(null);
            }
            return MeasuredCall.send(emu, workload.next(random), recording, now)
                    .thenComposeAsync(ended -> next(emu, workload, recording, random, end));
        }
    }
}
