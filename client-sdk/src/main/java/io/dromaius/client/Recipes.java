package io.dromaius.client;

/**
 * Prompts and search of the reference's own evaluations, for the pretrained and for the instruct model. They end in the middle of a
 * sentence on purpose, so that the model's answer begins with what is asked for.
 */
final class Recipes {
    private static final String SYSTEM =
            "You will be presented with an image: [IMG]ImageContent[/IMG]. You will be able"
                    + " to see the image after I provide it to you. Please answer my questions based on the given image.";

    static final GenerationOptions CAPTION =
            GenerationOptions.builder().beams(5).maxTokens(50).build();

    /** Short hypotheses are favoured: a word or a phrase is asked for. */
    static final GenerationOptions ANSWER =
            GenerationOptions.builder().beams(5).maxTokens(20).lengthPenalty(-1).build();

    private Recipes() {}

    static Prompt caption(boolean instruct, Part image) {
        return instruct
                ? instruct(
                        image,
                        " please provide an accurate and concise description of the given image.",
                        "the image depicts a photo of")
                : Prompt.builder().part(image).text("A photo of").build();
    }

    static Prompt answer(boolean instruct, Part image, String question) {
        return instruct
                ? instruct(
                        image,
                        " based on the content of the image and common sense, please provide an accurate answer"
                                + " consisting of only one word or phrase. " + question,
                        "the answer is:")
                : Prompt.builder()
                        .part(image)
                        .text("based on the picture, " + question + " short answer:")
                        .build();
    }

    private static Prompt instruct(Part image, String request, String answerBegins) {
        return Prompt.builder()
                .text(SYSTEM + " [USER]: ")
                .part(image)
                .text(request + " [ASSISTANT]: " + answerBegins)
                .build();
    }
}
