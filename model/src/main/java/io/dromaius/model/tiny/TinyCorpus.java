package io.dromaius.model.tiny;

/** A few sentences from which the tiny vocabulary learns its merges. */
final class TinyCorpus {

    static final String TEXT =
            """
            a picture of a dog that runs on the grass in front of the red house
            the image shows a cat that sleeps on the chair beside the window and the light is warm
            an emu walks over the sand and looks at the person who holds the camera
            what is in this picture and where is the person and who are the people there
            the first image shows the sea and the second image shows the mountain with snow
            once upon a time there was a small robot who wanted to see the world
            please describe the image and answer the question in one word or with more words
            there are two dogs and three birds in the garden with flowers and trees
            yes no left right blue green yellow white black one two three four five
            he was there when she came home and they went out for a walk in the rain
            a woman is reading a book while another woman is drinking tea at the table
            """;

    private TinyCorpus() {}
}
