package io.dromaius.cli.cluster;

import com.google.common.base.Splitter;
import com.google.common.net.HostAndPort;
import io.dromaius.cli.CommandFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;

/** What a cluster needs of the machine and its network before the first process is worth starting. */
final class Surroundings {
    private static final int ANSWER_MILLIS = 3_000;
    private static final int ZOOKEEPER_PORT = 2181;

    private Surroundings() {}

    /**
     * Checks that the checkpoint is there, the public port is free, and the ensemble, if there is one, answers.
     *
     * @throws CommandFailure if not; it says what to do
     */
    static void check(ClusterOptions options) {
        if (!Files.exists(options.checkpoint())) {
            throw new CommandFailure(
                    "there is no checkpoint at " + options.checkpoint(),
                    "see 'emu up --help' for what --checkpoint takes");
        }
        if (options.port() != 0) {
            checkPort(options.port());
        }
        options.zookeeper().ifPresent(Surroundings::checkZooKeeper);
    }

    private static void checkPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new CommandFailure(
                    "there is no port " + port, "choose --port within 0 and 65535; 0 takes a free one");
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(
                    true); // as the coordinator's own, which an earlier cluster's connections do not hinder
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new CommandFailure(
                    "port " + port + " cannot be had: " + e.getMessage(),
                    "choose another with --port; 0 takes a free one");
        }
    }

    private static void checkZooKeeper(String ensemble) {
        for (String server : Splitter.on(',')
                .trimResults()
                .split(Splitter.on('/').split(ensemble).iterator().next())) {
            if (answers(server)) {
                return;
            }
        }
        throw new CommandFailure(
                "no ZooKeeper answers at " + ensemble,
                "check --zookeeper, or leave it out: the cluster then starts a server of its own");
    }

    private static boolean answers(String server) {
        try (Socket socket = new Socket()) {
            HostAndPort address = HostAndPort.fromString(server).withDefaultPort(ZOOKEEPER_PORT);
            socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), ANSWER_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'" + server + "' is no HOST:PORT", "write --zookeeper as host:port,host:port");
        }
    }
}
