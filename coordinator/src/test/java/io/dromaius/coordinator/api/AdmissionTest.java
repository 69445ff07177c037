package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.rpc.RetryInfo;
import io.dromaius.node.rpc.Failures;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
    private final Admission admission = new Admission(100);

    @Test
    void aFullQueueRefusesAndSaysWhenToComeAgain() {
        Admission.Ticket first = admission.admit(60);
        admission.admit(40);

        Throwable refused = catchThrowable(() -> admission.admit(1));
        assertThat(Status.fromThrowable(refused).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(Failures.detail(refused, RetryInfo.class)).isPresent();

        first.running();
        admission.admit(60);
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 2, 100, 100));
    }

    @Test
    void whatEndsFreesItsPlaceWaitingOrRunning() {
        Admission.Ticket waiting = admission.admit(70);
        Admission.Ticket running = admission.admit(20);
        running.running();
        running.running();
        waiting.close();
        running.close();

        assertThat(admission.load()).isEqualTo(new Admission.Load(0, 0, 0, 100));
    }

    @Test
    void anEmptyQueueTakesWhatIsLargerThanItself() {
        admission.admit(1000);

        assertThat(catchThrowable(() -> admission.admit(1))).isNotNull();
    }
}
