package io.dromaius.model.tiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.text.IncrementalDetokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model built here behaves in SentencePiece as LLaMA's does. */
class TinyVocabularyTest {

    @TempDir
    private static Path directory;

    private static EmuTokenizer tokenizer;

    @BeforeAll
    static void open() throws IOException {
        Path model = Files.write(directory.resolve("tokenizer.model"), new TinyVocabulary().modelProto());
        tokenizer = EmuTokenizer.open(model, true);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void specialTokensFollowTheVocabulary() {
        int size = new TinyVocabulary().size();
        assertThat(size).isBetween(400, 600);
        assertThat(tokenizer.specials().pad()).isEqualTo(size);
        assertThat(tokenizer.encode("[IMG]<image>[/IMG] [USER]"))
                .containsExactly(1, size + 1, size + 3, size + 2, size + 4);
    }

    @Test
    void commonWordsAreMerged() {
        assertThat(tokenizer.encode("the image of the dog").length).isLessThan(12);
        assertThat(tokenizer.encodeWithoutBos("the")).hasSize(1);
    }

    @Test
    void everythingElseIsBytes() {
        assertThat(tokenizer.encodeWithoutBos("\uD83D\uDE42"))
                .endsWith(3 + 0xF0, 3 + 0x9F, 3 + 0x99, 3 + 0x82)
                .hasSize(5);
        assertThat(tokenizer.encodeWithoutBos("\n")).endsWith(3 + '\n');
    }

    @Test
    void anyTextComesBack() {
        Random random = new Random(23);
        for (int round = 0; round < 2_000; round++) {
            String text = random.ints(random.nextInt(40), 0x20, 0x24000)
                    .map(c -> random.nextInt(3) > 0 ? 0x20 + c % 0x5F : c)
                    .filter(c -> c < 0xD800 || c > 0xDFFF)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            // Of leading spaces decoding loses one more than the dummy prefix, in the reference too; U+2581 is a space
            // to both.
            String start = text.isEmpty() || text.charAt(0) == ' ' || text.charAt(0) == '\u2581' ? "x" : "";
            String expected = (start + text).replace('\u2581', ' ');
            int[] ids = tokenizer.encode(start + text);
            assertThat(tokenizer.decode(ids)).isEqualTo(expected);

            IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
            StringBuilder deltas = new StringBuilder();
            IntStream.of(ids).forEach(id -> deltas.append(detokenizer.append(id)));
            assertThat(deltas + detokenizer.finish()).isEqualTo(expected);
        }
    }
}
