package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StepExecutorTest {
    @Test
    void anErrorOnTheComputeThreadIsTold() throws Exception {
        CompletableFuture<Throwable> death = new CompletableFuture<>();
        StepExecutor executor = new StepExecutor("shard-0", (thread, cause) -> death.complete(cause));
        executor.execute(() -> {
            throw new LinkageError("expected by this test");
        });
        assertThat(death.get(10, TimeUnit.SECONDS)).hasMessage("expected by this test");
        executor.close();
    }
}
