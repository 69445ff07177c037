package io.dromaius.node.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SilenceTest {
    private final Silence silence = new Silence(Duration.ofSeconds(2));

    @Test
    void theLimitHasPassedWhenEightWholeBeatsWentUnheard() {
        assertThat(beats(8)).isZero();
        assertThat(silence.beat()).isTrue();
    }

    @Test
    void whatIsHeardInTimeBeginsItAnew() {
        assertThat(beats(8)).isZero();
        silence.heard();
        assertThat(beats(8)).isZero();
        assertThat(silence.beat()).isTrue();
    }

    @Test
    void itIsToldOnceForEachLimitThatPasses() {
        assertThat(beats(27)).isEqualTo(3);
    }

    private long beats(int count) {
        return IntStream.range(0, count).filter(i -> silence.beat()).count();
    }
}
