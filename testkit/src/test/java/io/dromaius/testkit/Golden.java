package io.dromaius.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The reference's own outputs, in the folder named by the system property {@code golden.dir}. */
final class Golden {
    /** What stands for one picture in the prompts of the cases. */
    private static final String PICTURE = "[IMG]" + "<image>".repeat(32) + "[/IMG]";

    private Golden() {}

    /** A file of the golden set; skips the test without the set, or fails it where the set is required. */
    static Path path(String relative) {
        String root = System.getProperty("golden.dir", "");
        if (root.isBlank()) {
            if (Boolean.getBoolean("golden.required")) {
                Assertions.fail("golden.dir is not given");
            }
            Assumptions.abort("golden.dir is not given");
        }
        return Path.of(root, relative);
    }

    static JsonNode json(String relative) {
        try {
            return new ObjectMapper().readTree(path(relative).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path checkpoint(String model) {
        return path(model.equals("instruct") ? "emu-tiny-instruct" : "emu-tiny");
    }

    static ByteString picture(String name) {
        try {
            return ByteString.copyFrom(Files.readAllBytes(path("cases/inputs/" + name + ".png")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The prompt with the named pictures, in order, in place of the placeholders. */
    static Prompt prompt(String text, List<String> pictures) {
        Prompt.Builder prompt = Prompt.newBuilder();
        int from = 0;
        for (String picture : pictures) {
            int at = text.indexOf(PICTURE, from);
            addText(prompt, text.substring(from, at));
            prompt.addParts(Part.newBuilder().setImage(Image.newBuilder().setData(picture(picture))));
            from = at + PICTURE.length();
        }
        addText(prompt, text.substring(from));
        return prompt.build();
    }

    /** A string, or a list of them. */
    static List<String> strings(JsonNode node) {
        if (node.isTextual()) {
            return List.of(node.asText());
        }
        List<String> strings = new ArrayList<>();
        node.forEach(one -> strings.add(one.asText()));
        return strings;
    }

    /** How many pictures a prompt has room for. */
    static int pictures(String text) {
        return (text.length() - text.replace(PICTURE, "").length()) / PICTURE.length();
    }

    private static void addText(Prompt.Builder prompt, String text) {
        if (!text.isEmpty()) {
            prompt.addParts(Part.newBuilder().setText(text));
        }
    }
}
