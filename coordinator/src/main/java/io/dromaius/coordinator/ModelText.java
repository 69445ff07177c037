package io.dromaius.coordinator;

import io.dromaius.coordinator.engine.EngineModel;
import io.dromaius.coordinator.engine.InputRun;
import io.dromaius.coordinator.engine.TextStream;
import io.dromaius.model.spec.EmuSpec;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.spec.PictureSpec;
import io.dromaius.model.text.AnswerStart;
import io.dromaius.model.text.ChatTemplate;
import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.text.IncrementalDetokenizer;
import io.dromaius.model.text.PromptAssembler;
import io.dromaius.model.text.PromptException;
import io.dromaius.model.text.SpecialTokens;
import io.dromaius.model.text.StopStrings;
import io.dromaius.node.ConfigException;
import io.dromaius.proto.v1.ModelInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The text side of the model that is served. Thread-safe; the tokenizer is closed with it.
 *
 * @param tokenizer of the checkpoint, an instruct one where the vocabulary has the two roles
 */
record ModelText(EmuTokenizer tokenizer, EmuSpec spec) implements AutoCloseable {
    /** Opens the tokenizer and tells by the size of the vocabulary whether the model is an instruct one. */
    static ModelText open(Path tokenizerModel, EmuSpec spec) throws IOException {
        int vocabulary = spec.llama().vocabulary();
        EmuTokenizer plain = EmuTokenizer.open(tokenizerModel, false);
        if (plain.specials().size() == vocabulary) {
            return new ModelText(plain, spec);
        }
        plain.close();
        EmuTokenizer instruct = EmuTokenizer.open(tokenizerModel, true);
        if (instruct.specials().size() != vocabulary) {
            instruct.close();
            throw new ConfigException(tokenizerModel + " does not go with a vocabulary of " + vocabulary);
        }
        return new ModelText(instruct, spec);
    }

    boolean instruct() {
        return tokenizer.specials().instruct();
    }

    /** What the engine has to know. */
    EngineModel engineModel() {
        SpecialTokens specials = tokenizer.specials();
        return new EngineModel(
                SpecialTokens.BEGIN_OF_SEQUENCE,
                SpecialTokens.END_OF_SEQUENCE,
                specials.imageStart(),
                specials.imageEnd(),
                spec.visualTokens(),
                spec.llama().maxPositions());
    }

    /** The prompt of the unconditional branch of guidance: nothing, and then a picture. */
    List<InputRun> emptyPicturePrompt() {
        try {
            PromptAssembler prompts = new PromptAssembler(tokenizer, spec.visualTokens(), ChatTemplate.EMU);
            return List.of(InputRun.Ids.of(
                    prompts.assemble(List.of(), AnswerStart.PICTURE).ids()));
        } catch (PromptException e) {
            throw new IllegalStateException("the empty prompt has no text that could be refused", e);
        }
    }

    /** What clients are told of the model. */
    ModelInfo info(String name, PictureSpec picture) {
        LlamaSpec llama = spec.llama();
        return ModelInfo.newBuilder()
                .setName(name)
                .setLayers(llama.layers())
                .setHiddenSize(llama.hidden())
                .setHeads(llama.heads())
                .setVocabulary(llama.vocabulary())
                .setContext(llama.maxPositions())
                .setInstruct(instruct())
                .setImageHeight(picture.height())
                .setImageWidth(picture.width())
                .setImageFactor(picture.factor())
                .setInputImageSide(spec.vit().imageSize())
                .setVisualTokens(spec.visualTokens())
                .build();
    }

    /** A new text with its stop strings. */
    TextStream stream(List<String> stop) {
        return new Detokenized(tokenizer.detokenizer(), new StopStrings(stop));
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private record Detokenized(IncrementalDetokenizer detokenizer, StopStrings stops) implements TextStream {
        @Override
        public String append(int id) {
            return stops.append(detokenizer.append(id));
        }

        @Override
        public boolean stopped() {
            return stops.stopped();
        }

        @Override
        public String finish() {
            return stops.stopped() ? "" : stops.append(detokenizer.finish()) + stops.finish();
        }
    }
}
