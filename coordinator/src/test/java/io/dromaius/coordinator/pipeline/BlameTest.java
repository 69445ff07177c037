package io.dromaius.coordinator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

final class BlameTest {
    @Test
    void aFailureThatNamesAShardMeansThatShard() {
        assertThat(Blame.of(lost().info("member", "b").info("shard", "a").build(), "a"))
                .contains("b");
    }

    @Test
    void aShardThatSpeaksOfALossIsNotLostItself() {
        assertThat(Blame.of(lost().build(), "a")).isEmpty();
    }

    @Test
    void aConnectionThatBreaksWithoutAWordMeansTheShardThatWasCalled() {
        assertThat(Blame.of(Status.UNAVAILABLE.asRuntimeException(), "a")).contains("a");
    }

    @Test
    void whatWasRefusedOrMiscarriedMeansNobody() {
        assertThat(Blame.of(Status.INTERNAL.asRuntimeException(), "a")).isEmpty();
        assertThat(Blame.of(Failures.of(FailureCode.STALE_EPOCH, "too old").build(), "a"))
                .isEmpty();
    }

    @Test
    void itsWordsAreTheDescriptionOrElseTheCode() {
        assertThat(Blame.words(lost().build())).isEqualTo("the steps come in no more");
        assertThat(Blame.words(Status.UNAVAILABLE.asRuntimeException())).isEqualTo("UNAVAILABLE");
    }

    private static Failures lost() {
        return Failures.of(FailureCode.PEER_LOST, "the steps come in no more");
    }
}
