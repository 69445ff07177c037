package io.dromaius.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeTest {
    private final List<String> events = new ArrayList<>();
    private long now;
    private final Node node = new Node("test", Duration.ofSeconds(10), new Ticker() {
        @Override
        public long read() {
            return now;
        }
    });

    @Test
    void startsInOrderThenDrainsAllThenClosesAllInReverse() throws Exception {
        node.add("a", new Recorded("a")).add("b", new Recorded("b")).addCloseable("c", () -> events.add("close c"));
        node.start();
        node.close();
        node.close();
        node.awaitClosed();
        assertThat(events)
                .containsExactly(
                        "start a", "start b", "drain b in 10", "drain a in 10", "close c", "close b", "close a");
    }

    @Test
    void partsShareTheDrainTimeout() throws Exception {
        node.add("a", new Recorded("a")).add("b", new Recorded("b") {
            @Override
            public void drain(Duration timeLeft) throws Exception {
                super.drain(timeLeft);
                now += Duration.ofSeconds(7).toNanos();
            }
        });
        node.start();
        node.close();
        assertThat(events).contains("drain b in 10", "drain a in 3");
    }

    @Test
    void aFailureToStartClosesWhatWasStartedAndTheFailedPartOnly() {
        node.add("a", new Recorded("a"))
                .add("b", new Recorded("b") {
                    @Override
                    public void start() throws IOException {
                        throw new IOException("port taken");
                    }
                })
                .add("c", new Recorded("c"));
        assertThatThrownBy(node::start).hasMessage("port taken");
        assertThat(events).containsExactly("start a", "drain b in 10", "drain a in 10", "close b", "close a");
    }

    @Test
    void laterFailuresAreSuppressedIntoTheFirstAndKeepNobodyFromClosing() throws Exception {
        node.add("a", new Recorded("a"))
                .addCloseable("b", () -> {
                    throw new IOException("first to fail, last but one to close");
                })
                .addCloseable("c", () -> {
                    throw new IllegalArgumentException("c fails");
                });
        node.start();
        assertThatThrownBy(node::close).hasMessage("c fails").satisfies(first -> assertThat(first.getSuppressed())
                .singleElement()
                .satisfies(later -> assertThat(later).hasMessageContaining("b did not stop in order")));
        assertThat(events).endsWith("close a");
    }

    @Test
    void aNodeClosedBeforeItStartsDoesNotStart() throws Exception {
        node.add("a", new Recorded("a"));
        node.close();
        assertThatThrownBy(node::start).isInstanceOf(IllegalStateException.class);
        assertThat(events).isEmpty();
    }

    private class Recorded implements Node.Part {
        private final String name;

        Recorded(String name) {
            this.name = name;
        }

        @Override
        public void start() throws Exception {
            events.add("start " + name);
        }

        @Override
        public void drain(Duration timeLeft) throws Exception {
            events.add("drain " + name + " in " + timeLeft.toSeconds());
        }

        @Override
        public void close() throws Exception {
            events.add("close " + name);
        }
    }
}
