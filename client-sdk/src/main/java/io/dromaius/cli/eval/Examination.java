package io.dromaius.cli.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SequenceWriter;
import io.dromaius.cli.Terminal;
import io.dromaius.client.EmuClient;
import io.dromaius.client.Generation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Has a cluster answer the questions that lie in a folder, some at a time, and lays the answers beside them. */
public final class Examination {
    private static final String QUESTIONS = "questions.jsonl";
    private static final String ANSWERS = "answers.jsonl";

    private final Path folder;
    private final int atOnce;
    private final int steps;
    private final ObjectMapper json = new ObjectMapper();

    /**
     * @param atOnce calls in flight
     * @param steps denoise steps of a picture
     */
    public Examination(Path folder, int atOnce, int steps) {
        this.folder = folder;
        this.atOnce = atOnce;
        this.steps = steps;
    }

    /**
     * Answers every question, in order.
     *
     * @throws io.dromaius.client.EmuException the first failure of a call; answers so far are kept in the file
     */
    public void sit(EmuClient emu, Terminal terminal) {
        try (SequenceWriter answers = json.writer()
                .withRootValueSeparator("\n")
                .writeValues(folder.resolve(ANSWERS).toFile())) {
            List<Question> questions = questions();
            try (Terminal.Progress progress = terminal.progress("answering", questions.size())) {
                ask(emu, questions, answers, progress);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + folder, e);
        }
    }

    private List<Question> questions() throws IOException {
        List<Question> questions = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(QUESTIONS))) {
            questions.add(json.readValue(line, Question.class));
        }
        return questions;
    }

    private void ask(EmuClient emu, List<Question> questions, SequenceWriter answers, Terminal.Progress progress)
            throws IOException {
        Deque<Asked> asked = new ArrayDeque<>();
        int done = 0;
        for (Question question : questions) {
            if (asked.size() == atOnce) {
                progress.at(++done, take(asked, answers));
            }
            asked.add(new Asked(question, emu.generateAsync(question.prompt(folder), question.options(steps))));
        }
        while (!asked.isEmpty()) {
            progress.at(++done, take(asked, answers));
        }
    }

    /** Waits for the longest asked; returns the paper that it is of. */
    private String take(Deque<Asked> asked, SequenceWriter answers) throws IOException {
        Asked first = asked.remove();
        answers.write(answer(first));
        return paper(first.question());
    }

    private record Asked(Question question, CompletableFuture<Generation> answer) {}

    private Map<String, String> answer(Asked asked) throws IOException {
        Question question = asked.question();
        Generation answer;
        try {
            answer = asked.answer().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        if (!question.draws()) {
            return Map.of("id", question.id(), "text", answer.text());
        }
        String name = question.id() + ".answer.png";
        answer.picture().save(folder.resolve(name));
        return Map.of("id", question.id(), "image", name);
    }

    private static String paper(Question question) {
        return question.id().substring(0, question.id().lastIndexOf('/'));
    }
}
