package io.dromaius.model.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A prompt's string while it is put together; remembers which part of the request each stretch came from. */
final class PromptText {

    private final String picture;
    private final StringBuilder text = new StringBuilder();
    private final TreeMap<Integer, String> fields = new TreeMap<>();
    private final List<Integer> pictures = new ArrayList<>();

    /** Each picture is written {@code picture}. */
    PromptText(String picture) {
        this.picture = picture;
    }

    int pictures() {
        return pictures.size();
    }

    void append(String fixed) {
        text.append(fixed);
    }

    void append(String field, String typed) {
        if (!typed.isEmpty()) {
            fields.put(text.length(), field);
            text.append(typed);
        }
    }

    void append(String field, List<PromptPart> parts) {
        for (int i = 0; i < parts.size(); i++) {
            PromptPart part = parts.get(i);
            if (part instanceof PromptPart.Text typed) {
                append(field + ".parts[" + i + "].text", typed.text());
            } else if (part instanceof PromptPart.Pictures run) {
                for (int n = 0; n < run.count(); n++) {
                    pictures.add(text.length());
                    text.append(picture);
                }
            }
        }
    }

    /**
     * Refuses an {@code <image>} that is no picture's: it would take the place of a picture's embedding. It may begin in one part and
     * end in the next, which is why the whole string is looked at.
     */
    void refuseTypedSlots() throws PromptException {
        int nextPicture = 0;
        int at = text.indexOf(SpecialTokens.IMAGE_TEXT);
        while (at >= 0) {
            while (nextPicture < pictures.size() && pictures.get(nextPicture) + picture.length() <= at) {
                nextPicture++;
            }
            if (nextPicture < pictures.size() && pictures.get(nextPicture) <= at) {
                at = text.indexOf(SpecialTokens.IMAGE_TEXT, pictures.get(nextPicture) + picture.length());
            } else {
                throw new PromptException(fieldAt(at), "must not contain " + SpecialTokens.IMAGE_TEXT);
            }
        }
    }

    private String fieldAt(int position) {
        Map.Entry<Integer, String> field = fields.floorEntry(position);
        return field == null ? "chat" : field.getValue();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
