package io.dromaius.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IoReasonTest {
    @TempDir
    private Path folder;

    @Test
    void aNameAloneIsNoReason() {
        IOException missing = catchThrowableOfType(IOException.class, () -> Files.readAllBytes(folder.resolve("none")));

        assertThat(IoReason.of(missing)).isEqualTo("no such file or folder");
        assertThat(IoReason.of(new AccessDeniedException("x"))).isEqualTo("permission denied");
        assertThat(IoReason.of(new FileSystemException("x", null, "No space left on device")))
                .isEqualTo("No space left on device");
        assertThat(IoReason.of(new IOException("as it says"))).isEqualTo("as it says");
    }

    @Test
    void brokenJsonIsToldOnOneLineWithItsPlace() {
        IOException broken =
                catchThrowableOfType(IOException.class, () -> new ObjectMapper().readTree("{\n  \"a\": ,"));

        assertThat(IoReason.of(broken)).contains("(line 2, column ").doesNotContain("\n", "Source");
        IOException cut = catchThrowableOfType(IOException.class, () -> new ObjectMapper().readTree("{\n"));
        assertThat(IoReason.of(cut))
                .isEqualTo("Unexpected end-of-input: expected close marker for Object (line 2, column 1)");
    }
}
