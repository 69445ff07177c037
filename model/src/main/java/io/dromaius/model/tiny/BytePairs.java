package io.dromaius.model.tiny;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Byte-pair encoding, learned the plain way: join the commonest adjacent pair of pieces, and again. */
final class BytePairs {

    private BytePairs() {}

    /** At most {@code merges} pieces, oldest first. Words of {@code text} begin with U+2581; nothing is joined across words. */
    static List<String> learn(String text, int merges) {
        List<List<String>> words = Pattern.compile("\\s+")
                .splitAsStream(text.strip())
                .map(BytePairs::characters)
                .toList();
        List<String> learned = new ArrayList<>();
        while (learned.size() < merges) {
            Optional<List<String>> pair = commonestPair(words);
            if (pair.isEmpty()) {
                return learned;
            }
            String joined = String.join("", pair.get());
            words.forEach(word -> join(word, pair.get(), joined));
            // Two pairs may join to the same piece; it is one piece of the vocabulary.
            if (!learned.contains(joined)) {
                learned.add(joined);
            }
        }
        return learned;
    }

    private static List<String> characters(String word) {
        return ("\u2581" + word).chars().mapToObj(Character::toString).collect(Collectors.toCollection(ArrayList::new));
    }

    /** The pair that occurs most often, the alphabetically first of several; empty when none occurs twice. */
    private static Optional<List<String>> commonestPair(List<List<String>> words) {
        Map<List<String>, Integer> counts = new TreeMap<>(Comparator.comparing(pair -> String.join(" ", pair)));
        for (List<String> word : words) {
            for (int i = 0; i + 1 < word.size(); i++) {
                counts.merge(List.of(word.get(i), word.get(i + 1)), 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .max(Map.Entry.<List<String>, Integer>comparingByValue()
                        .thenComparing(entry -> String.join(" ", entry.getKey()), Comparator.reverseOrder()))
                .map(Map.Entry::getKey);
    }

    private static void join(List<String> word, List<String> pair, String joined) {
        for (int i = 0; i + 1 < word.size(); i++) {
            if (word.get(i).equals(pair.get(0)) && word.get(i + 1).equals(pair.get(1))) {
                word.set(i, joined);
                word.remove(i + 1);
            }
        }
    }
}
