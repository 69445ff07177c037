package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

class CallFailuresTest {
    @Test
    void embeddingsOfAPictureThatAreNotFiniteAreNoBugAndNameThePicture() {
        StatusRuntimeException worker = Failures.of(FailureCode.NOT_FINITE, "the embeddings are not finite")
                .build();

        StatusRuntimeException told = CallFailures.encode(worker, "prompt.parts[1].image.data");

        assertThat(Failures.codeOf(told)).contains(FailureCode.NOT_FINITE);
        assertThat(told).hasMessageContaining("prompt.parts[1].image.data").hasMessageContaining("are not finite");
    }

    @Test
    void aWorkersOwnDefectIsOneHereToo() {
        StatusRuntimeException told =
                CallFailures.encode(Status.UNKNOWN.asRuntimeException(), "prompt.parts[0].image.data");

        assertThat(Failures.codeOf(told)).contains(FailureCode.INTERNAL);
    }
}
