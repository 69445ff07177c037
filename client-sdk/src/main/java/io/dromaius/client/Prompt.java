package io.dromaius.client;

import io.dromaius.proto.v1.Chat;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.RankRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the model reads: text, pictures and video in the order in which they were added, joined without separators; or
 * the turns of a chat, which the cluster assembles with its own template. Immutable.
 *
 * <pre>{@code
 * Prompt.builder().image(Path.of("dog.png")).text("A photo of").build();
 * Prompt.chat().user(Prompt.builder().image(bytes).text("What is this?").build()).build();
 * }</pre>
 */
public final class Prompt {
    private final List<Part> parts;
    private final @Nullable Chat chat;

    private Prompt(List<Part> parts, @Nullable Chat chat) {
        this.parts = List.copyOf(parts);
        this.chat = chat;
    }

    /** A prompt of text alone. */
    public static Prompt of(String text) {
        return builder().text(text).build();
    }

    /** A prompt that the model continues as it stands. */
    public static Builder builder() {
        return new Builder();
    }

    /** Turns of a conversation with an instruct model. */
    public static ChatBuilder chat() {
        return new ChatBuilder();
    }

    void writeTo(GenerateRequest.Builder request) {
        if (chat != null) {
            request.setChat(chat);
        } else {
            request.setPrompt(message());
        }
    }

    void writeTo(RankRequest.Builder request) {
        if (chat != null) {
            request.setChat(chat);
        } else {
            request.setPrompt(message());
        }
    }

    private io.dromaius.proto.v1.Prompt message() {
        io.dromaius.proto.v1.Prompt.Builder message = io.dromaius.proto.v1.Prompt.newBuilder();
        parts.forEach(part -> message.addParts(part.message()));
        return message.build();
    }

    /** Collects parts in the order in which the model reads them. Files are read at once. Not thread-safe. */
    public static final class Builder {
        private final List<Part> parts = new ArrayList<>();

        private Builder() {}

        /** Adds text; it is tokenized together with what stands before and after it. */
        public Builder text(String text) {
            return add(Part.text(text));
        }

        /** Adds a PNG, JPEG or WebP. */
        public Builder image(byte[] data) {
            return add(Part.image(data));
        }

        /**
         * Adds a PNG, JPEG or WebP file.
         *
         * @throws java.io.UncheckedIOException if it cannot be read
         */
        public Builder image(Path file) {
            return add(Part.image(file));
        }

        /** Adds a video, sampled evenly to as many frames as the cluster thinks right (8). */
        public Builder video(byte[] data) {
            return add(Part.video(data, 0));
        }

        /** Adds a video, sampled evenly to {@code frames} frames. */
        public Builder video(byte[] data, int frames) {
            return add(Part.video(data, frames));
        }

        /** Adds a video file, sampled evenly to as many frames as the cluster thinks right (8). */
        public Builder video(Path file) {
            return add(Part.video(file, 0));
        }

        /** Adds a video file, sampled evenly to {@code frames} frames. */
        public Builder video(Path file, int frames) {
            return add(Part.video(file, frames));
        }

        public Prompt build() {
            return new Prompt(parts, null);
        }

        Builder part(Part part) {
            return add(part);
        }

        private Builder add(Part part) {
            parts.add(part);
            return this;
        }
    }

    /** Collects the turns of a chat, oldest first; the last one is the user's. Not thread-safe. */
    public static final class ChatBuilder {
        private final Chat.Builder chat = Chat.newBuilder();

        private ChatBuilder() {}

        /** Sets the text before the first turn. */
        public ChatBuilder system(String text) {
            chat.setSystem(text);
            return this;
        }

        public ChatBuilder user(String text) {
            return user(Prompt.of(text));
        }

        /** Adds a turn of the user's, with pictures and video where {@code turn} has them. */
        public ChatBuilder user(Prompt turn) {
            return add(io.dromaius.proto.v1.Turn.Role.ROLE_USER, turn);
        }

        /** Adds what the model answered earlier. */
        public ChatBuilder assistant(String text) {
            return add(io.dromaius.proto.v1.Turn.Role.ROLE_ASSISTANT, Prompt.of(text));
        }

        public Prompt build() {
            return new Prompt(List.of(), chat.build());
        }

        private ChatBuilder add(io.dromaius.proto.v1.Turn.Role role, Prompt turn) {
            if (turn.chat != null) {
                throw new IllegalArgumentException("a turn is made of parts, not of another chat");
            }
            io.dromaius.proto.v1.Turn.Builder message =
                    io.dromaius.proto.v1.Turn.newBuilder().setRole(role);
            turn.parts.forEach(part -> message.addParts(part.message()));
            chat.addTurns(message);
            return this;
        }
    }
}
