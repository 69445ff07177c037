package io.dromaius.coordinator.engine;

import java.util.List;

/** Text of the toy vocabulary: id 0 is 'a', 1 is 'b', ...; what may begin a stop string is held back. */
final class LetterText implements TextStream {
    private final List<String> stop;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    LetterText(List<String> stop) {
        this.stop = stop;
    }

    static String of(List<Integer> ids) {
        LetterText text = new LetterText(List.of());
        StringBuilder all = new StringBuilder();
        ids.forEach(id -> all.append(text.append(id)));
        return all.toString();
    }

    @Override
    public String append(int id) {
        held.append((char) ('a' + id));
        for (String string : stop) {
            int at = held.indexOf(string);
            if (at >= 0) {
                stopped = true;
                return take(at);
            }
        }
        int keep = held.length();
        while (keep > 0 && !mayBegin(held.substring(held.length() - keep))) {
            keep--;
        }
        return take(held.length() - keep);
    }

    @Override
    public boolean stopped() {
        return stopped;
    }

    @Override
    public String finish() {
        return stopped ? "" : take(held.length());
    }

    private boolean mayBegin(String tail) {
        return stop.stream().anyMatch(string -> string.startsWith(tail));
    }

    private String take(int length) {
        String taken = held.substring(0, length);
        held.delete(0, length);
        return taken;
    }
}
