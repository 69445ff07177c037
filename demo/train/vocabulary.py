"""The demo's own SentencePiece model, and documents to ids: specials come after its pieces, in the reference's order."""

import io
from dataclasses import dataclass
from pathlib import Path
from random import Random

import sentencepiece

from world import tasks

from .run import refuse

CAUSAL = 32
SPECIALS = ("[PAD]", "[IMG]", "[/IMG]", "<image>", "[USER]", "[ASSISTANT]")
SYSTEM = "you look at pictures and answer."


def train_pieces(path: Path, seed: int, documents: int = 20000, size: int = 600) -> None:
    random = Random(seed)

    def corpus():
        yield from (SYSTEM, "thank you.", "in the same style: a caption of the picture, please.")
        for _ in range(documents):
            yield from (part for part in tasks.sample(random).parts if isinstance(part, str))

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=corpus(), model_writer=model, vocab_size=size, model_type="bpe", byte_fallback=True,
        character_coverage=1.0, normalization_rule_name="identity", remove_extra_whitespaces=False,
        add_dummy_prefix=True, unk_id=0, bos_id=1, eos_id=2, pad_id=-1, num_threads=1, hard_vocab_limit=False,
        minloglevel=2,
    )
    path.write_bytes(model.getvalue())


@dataclass(frozen=True)
class Ids:
    """A document as the model reads it. `slots` are where a picture's 32 embeddings go, first position each."""

    ids: list[int]
    slots: list[int]
    # Positions whose token, or embedding, is to be predicted, with its weight.
    weights: list[float]


class Vocabulary:
    def __init__(self, path: Path):
        try:
            self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        except (OSError, RuntimeError) as e:
            refuse(path, f"damaged ({type(e).__name__})", "name an empty folder: all stages hang on it")
        first = self.pieces.vocab_size()
        self.pad, self.img, self.end_img, self.image, self.user, self.assistant = range(first, first + len(SPECIALS))

    def __len__(self) -> int:
        return self.pieces.vocab_size() + len(SPECIALS)

    def encode(self, text: str) -> list[int]:
        return self.pieces.encode(text)

    def decode(self, ids: list[int]) -> str:
        return self.pieces.decode([i for i in ids if 2 < i < self.pieces.vocab_size()])

    def document(self, document: tasks.Document, system: str | None = None) -> Ids:
        """BOS, the parts, EOS after words. Pictures as [IMG], 32 x <image>, [/IMG]. With `system`, which may be empty, as turns."""
        instruct = system is not None
        ids, slots, weights = [1], [], [0.0]

        def add(more: list[int], weight: float) -> None:
            ids.extend(more)
            weights.extend([weight] * len(more))

        if instruct:
            add(self.encode(system) + [self.user], 0.0)
            add(self.encode(":") if document.parts and not isinstance(document.parts[0], str) else [], 0.0)
        for index, part in enumerate(document.parts):
            learnt = index >= document.learn
            if instruct and index == document.learn:
                add([self.assistant] + self.encode(":"), 0.0)
            if isinstance(part, str):
                text = part if not (instruct and index == 0) else ": " + part
                given = len(self.encode(document.stem)) if index in document.rehearsed else 0
                pieces = self.encode(text)
                add(pieces[:given], 0.0)
                add(pieces[given:], 1.0 if learnt or index in document.rehearsed else 0.0)
            else:
                add([self.img], 0.0)
                slots.append(len(ids))
                add([self.image] * CAUSAL, 1.0 if learnt else 0.0)
                add([self.end_img], 0.0)
        add([2], 1.0 if isinstance(document.parts[-1], str) else 0.0)
        return Ids(ids, slots, weights)
