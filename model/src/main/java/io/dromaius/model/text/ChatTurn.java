package io.dromaius.model.text;

import java.util.List;
import java.util.Objects;

/** What one side of a chat said. */
public record ChatTurn(Role role, List<PromptPart> parts) {

    /** Who speaks. */
    public enum Role {
        USER,
        ASSISTANT
    }

    public ChatTurn {
        Objects.requireNonNull(role, "role is null");
        parts = List.copyOf(parts);
    }
}
