package io.dromaius.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Memory of a shard's process, in MB.
 *
 * @param resident all of it, by the operating system's account
 * @param mapped weights used where they lie in the checkpoint's files
 * @param copied weights that had to be copied
 * @param kv pages of the KV blocks
 * @param packed second copies of keys and values that sequences share
 */
public record ShardMemory(
        @JsonProperty("resident_mb") double resident,
        @JsonProperty("mapped_mb") double mapped,
        @JsonProperty("copied_mb") double copied,
        @JsonProperty("kv_mb") double kv,
        @JsonProperty("packed_mb") double packed) {
    private static final double MEGABYTE = 1e6;

    static Optional<ShardMemory> of(Map<String, Double> metrics) {
        Double resident = metrics.get("process_resident_memory_bytes");
        return resident == null
                ? Optional.empty()
                : Optional.of(new ShardMemory(
                        resident / MEGABYTE,
                        megabytes(metrics, "dromaius_shard_mapped_bytes"),
                        megabytes(metrics, "dromaius_shard_copied_bytes"),
                        megabytes(metrics, "dromaius_shard_kv_bytes"),
                        megabytes(metrics, "dromaius_shard_packed_bytes")));
    }

    private static double megabytes(Map<String, Double> metrics, String name) {
        return metrics.getOrDefault(name, 0.0) / MEGABYTE;
    }

    /** What is resident beyond weights and keys and values; below zero while some of those were never touched. */
    @JsonProperty("beyond_mb")
    public double beyond() {
        return resident - mapped - copied - kv - packed;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.0f MB resident: mapped weights %.0f, copied %.0f, KV pages %.0f, packed prefixes %.0f, beyond these %.0f",
                resident,
                mapped,
                copied,
                kv,
                packed,
                beyond());
    }
}
