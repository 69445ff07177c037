package io.dromaius.coordinator.engine;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The answers allowed, as a trie of ids: which ids may follow a given beginning. */
final class ChoiceTrie {
    private final SortedMap<Integer, ChoiceTrie> children = new TreeMap<>();

    static ChoiceTrie of(List<ImmutableIntArray> choices) {
        ChoiceTrie root = new ChoiceTrie();
        for (ImmutableIntArray choice : choices) {
            ChoiceTrie node = root;
            for (int i = 0; i < choice.length(); i++) {
                node = node.children.computeIfAbsent(choice.get(i), unused -> new ChoiceTrie());
            }
        }
        return root;
    }

    /** The ids that may follow {@code beginning}, ascending; none behind a whole choice or off the trie. */
    ImmutableIntArray allowedAfter(List<Integer> beginning) {
        ChoiceTrie node = this;
        for (int id : beginning) {
            ChoiceTrie child = node.children.get(id);
            if (child == null) {
                return ImmutableIntArray.of();
            }
            node = child;
        }
        return ImmutableIntArray.copyOf(node.children.keySet());
    }
}
