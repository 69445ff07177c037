package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.v1.GetClusterResponse;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text as the reference generates it, through a whole cluster, at the splits that {@link PicturesIT} has not. */
@Tag("side-by-side")
final class GenerateIT {
    @ParameterizedTest(name = "{0} shards")
    @ValueSource(ints = {2, 5})
    void textIsTheReferences(int shards) throws Exception {
        List<GenerateCase> cases = GenerateCase.all();
        for (String model : List.of("pretrain", "instruct")) {
            try (MiniCluster cluster = MiniCluster.serving(Golden.checkpoint(model), shards)) {
                for (GenerateCase one : cases) {
                    if (one.model().equals(model) && !one.hasPictures()) {
                        one.check(cluster.generation().generate(one.request()));
                    }
                }
                GetClusterResponse after = cluster.describe();
                assertThat(after.getPipelines(0).getStagesCount()).isEqualTo(shards);
                cluster.awaitIdle();
            }
        }
    }
}
