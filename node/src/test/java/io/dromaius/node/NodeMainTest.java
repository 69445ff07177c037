package io.dromaius.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeMainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> events = new ArrayList<>();

    @Test
    void helpIsPrintedAndNothingIsStarted() {
        assertThat(run(List.of("--help"), node -> events.add("assembled"))).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("Usage: emu-test")
                .contains("--metrics-port");
        assertThat(events).isEmpty();
    }

    @Test
    void aWrongConfigurationIsOneLineAndItsOwnExitStatus() {
        assertThat(run(List.of("--prot", "1"), node -> events.add("assembled"))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("emu-test: unknown key --prot (flag --prot); did you mean --port?" + System.lineSeparator());
        assertThat(events).isEmpty();
    }

    @Test
    void aPartThatDoesNotStartEndsTheProcessWithTheOthersClosed() {
        int status = run(List.of(), node -> node.addCloseable("a", () -> events.add("a closed"))
                .add("b", new Node.Part() {
                    @Override
                    public void start() throws IOException {
                        throw new IOException("expected by this test");
                    }
                }));
        assertThat(status).isEqualTo(1);
        assertThat(events).containsExactly("a closed");
    }

    @Test
    void anAddressThatCannotBeResolvedIsAWrongConfiguration() {
        int status = run(
                List.of(),
                node -> node.add("a", new Node.Part() {
                    @Override
                    public void start() throws IOException {
                        ServerSocketChannel.open().bind(InetSocketAddress.createUnresolved("no.such.host", 0));
                    }
                }));
        assertThat(status).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("cannot be resolved");
    }

    @Test
    void aThreadThatDiesEndsTheProcess() {
        int status = run(List.of(), node -> node.addCloseable("a", () -> events.add("a closed"))
                .add("b", new Node.Part() {
                    @Override
                    public void start() {
                        Thread compute = new Thread(() -> {
                            throw new LinkageError("expected by this test");
                        });
                        compute.setUncaughtExceptionHandler(node::threadDied);
                        compute.start();
                    }
                }));
        assertThat(status).isEqualTo(1);
        assertThat(events).containsExactly("a closed");
    }

    @Test
    void aProcessRunsUntilItIsClosed() {
        int status = run(List.of(), node -> node.addCloseable("a", () -> events.add("a closed"))
                .add("b", new Node.Part() {
                    @Override
                    public void start() {
                        events.add("b started");
                        new Thread(() -> closeNode(node)).start();
                    }
                }));
        assertThat(status).isZero();
        assertThat(events).containsExactly("b started", "a closed");
    }

    private static void closeNode(Node node) {
        try {
            node.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private interface Parts {
        void of(Node node);
    }

    private int run(List<String> args, Parts parts) {
        return NodeMain.run(
                "emu-test",
                NodeConfig.class,
                config -> Duration.ofSeconds(1),
                new NodeMain.Invocation(
                        args,
                        Map.of(),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)),
                (config, node) -> parts.of(node));
    }
}
