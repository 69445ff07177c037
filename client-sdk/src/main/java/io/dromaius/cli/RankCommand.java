package io.dromaius.cli;

import io.dromaius.client.EmuClient;
import io.dromaius.client.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Ranks answers to a prompt. */
@Command(
        name = "rank",
        header = "Rank answers to a prompt by how likely the model finds them.",
        description = {"Prints the answers, most likely first, each with its loss.", ""},
        footer = {"", "Example:", "  emu rank --image dog.png \"A photo of\" -c \"a dog\" -c \"two dogs\""})
final class RankCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin(name = PromptMixin.NAME)
    private PromptMixin prompt = new PromptMixin();

    @Option(
            names = {"-c", "--candidate"},
            required = true,
            paramLabel = "TEXT",
            description = "An answer to rank; may be repeated.")
    private List<String> candidates = new ArrayList<>();

    @Option(
            names = "--segments",
            paramLabel = "N",
            defaultValue = "1",
            converter = AtLeastOne.class,
            description = "Groups within which answers are padded alike, as the reference has it; changes losses.")
    private int segments = 1;

    @Mixin
    private ConnectionMixin connection = new ConnectionMixin();

    RankCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (EmuClient emu = connection.open()) {
            Ranking ranking = emu.rank(prompt.toPrompt(), candidates, segments);
            for (int index : ranking.ranks()) {
                terminal.print(String.format(
                        Locale.ROOT, "%10.4f  %s", ranking.losses().get(index), candidates.get(index)));
            }
        }
        return 0;
    }
}
