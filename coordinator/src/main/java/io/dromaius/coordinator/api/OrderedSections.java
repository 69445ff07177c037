package io.dromaius.coordinator.api;

import io.dromaius.proto.v1.GenerateResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Sections of an answer that are made at the same time and told one after the other: text goes on being generated while
 * the picture before it is drawn. Events of the first open section pass; those of later ones wait for their turn, except
 * those that would be worth nothing by then: previews, and all progress but the newest. One thread at a time.
 */
final class OrderedSections {
    private final Consumer<GenerateResponse.Builder> out;
    private final Deque<Section> sections = new ArrayDeque<>();

    OrderedSections(Consumer<GenerateResponse.Builder> out) {
        this.out = out;
    }

    /** A section behind all that were opened before. */
    Section open() {
        Section section = new Section();
        sections.add(section);
        return section;
    }

    /** One section. */
    final class Section {
        private final Deque<GenerateResponse.Builder> waiting = new ArrayDeque<>();
        private boolean ended;

        /** Tells an event when it is this section's turn. */
        void tell(GenerateResponse.Builder event) {
            if (sections.peekFirst() == this) {
                out.accept(event);
            } else if (!event.hasImagePreview()) {
                keep(event);
            }
        }

        private void keep(GenerateResponse.Builder event) {
            GenerateResponse.Builder before = waiting.peekLast();
            if (event.hasImageProgress() && before != null && before.hasImageProgress()) {
                waiting.removeLast();
            }
            waiting.add(event);
        }

        /** Nothing more comes from this section; the next one has its turn. */
        void end() {
            ended = true;
            while (!sections.isEmpty() && sections.getFirst().ended) {
                sections.removeFirst();
                if (!sections.isEmpty()) {
                    Section head = sections.getFirst();
                    head.waiting.forEach(out);
                    head.waiting.clear();
                }
            }
        }
    }
}
