package io.dromaius.node;

import com.google.common.base.Throwables;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** What the {@code main} of each process does: configuration, start, run until a signal, stop. */
public final class NodeMain {
    private static final Logger log = LoggerFactory.getLogger(NodeMain.class);
    /** Exit status of a process whose arguments or configuration are wrong. */
    public static final int BAD_CONFIGURATION = 2;

    private static final int FAILED = 1;

    /** Puts a process together: adds the parts to the node. Nothing is started before it returns. */
    public interface Assembly<C extends Record> {
        void assemble(C config, Node node) throws Exception;
    }

    private NodeMain() {}

    /**
     * Runs a process until it is told to stop; the result is its exit status.
     *
     * @param shared finds the shared settings in the process' own
     */
    public static <C extends Record> int run(
            String name, Class<C> type, Function<C, NodeConfig> shared, String[] args, Assembly<C> assembly) {
        Invocation invocation = new Invocation(List.of(args), System.getenv(), System.out, System.err);
        return run(name, type, config -> shared.apply(config).drainTimeout(), invocation, assembly);
    }

    /** The same for a process that has no use for the shared settings and nothing to drain. */
    public static <C extends Record> int run(String name, Class<C> type, String[] args, Assembly<C> assembly) {
        Invocation invocation = new Invocation(List.of(args), System.getenv(), System.out, System.err);
        return run(name, type, config -> Duration.ZERO, invocation, assembly);
    }

    /** What a process is given from outside. */
    record Invocation(List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {}

    static <C extends Record> int run(
            String name,
            Class<C> type,
            Function<C, Duration> drainTimeout,
            Invocation invocation,
            Assembly<C> assembly) {
        if (invocation.args().contains("--help") || invocation.args().contains("-h")) {
            invocation
                    .out()
                    .print("Usage: " + name + " [--config FILE] [--key value]...\n\n" + ConfigLoader.help(type));
            return 0;
        }
        // gRPC and Prometheus log through java.util.logging: theirs become lines of this process' log.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        try {
            C config = ConfigLoader.load(type, invocation.args(), invocation.environment());
            Node node = new Node(name, drainTimeout.apply(config));
            assembly.assemble(config, node);
            node.closeOnSignal();
            node.start();
            log.info("{} is up", name);
            return node.awaitClosed() ? 0 : FAILED;
        } catch (ConfigException e) {
            invocation.err().println(name + ": " + e.getMessage());
            return BAD_CONFIGURATION;
        } catch (Exception e) {
            if (Throwables.getRootCause(e) instanceof BindException taken) {
                invocation.err().println(name + ": " + e.getMessage() + " (" + taken.getMessage() + ")");
                return BAD_CONFIGURATION;
            }
            if (Throwables.getRootCause(e) instanceof UnresolvedAddressException) {
                invocation.err().println(name + ": the address to listen on has a name that cannot be resolved");
                return BAD_CONFIGURATION;
            }
            log.error("{} could not start", name, e);
            return FAILED;
        }
    }
}
