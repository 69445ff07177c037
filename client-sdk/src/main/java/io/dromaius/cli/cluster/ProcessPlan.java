package io.dromaius.cli.cluster;

import java.util.List;
import java.util.Map;

/**
 * A process to start.
 *
 * @param name unique within the cluster, and of its log file: {@code shard-0}
 * @param role zookeeper, coordinator, shard, encoder or decoder
 * @param mainClass what runs
 * @param jvmFlags before the class
 * @param arguments after the class
 * @param environment set on top of this process' own
 * @param port that it will listen on
 * @param metricsPort of its Prometheus endpoint; 0 if it has none
 * @param healthService name that grpc.health.v1 reports SERVING once it is ready; empty if it speaks no gRPC
 */
public record ProcessPlan(
        String name,
        String role,
        String mainClass,
        List<String> jvmFlags,
        List<String> arguments,
        Map<String, String> environment,
        int port,
        int metricsPort,
        String healthService) {
    public ProcessPlan {
        jvmFlags = List.copyOf(jvmFlags);
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }
}
