package io.dromaius.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class UnreachableClusterTest {
    @Test
    void whoCannotBeReachedIsNamed() {
        String nobody = Wire.NETTY.nobody();
        try (EmuClient emu = EmuClient.builder().endpoint(nobody).build()) {
            assertThatThrownBy(emu::cluster)
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("the connection to the cluster failed: ")
                    .hasMessageContaining("Connection refused")
                    .hasMessageContaining(nobody.substring(nobody.indexOf(':')));
        }
    }
}
