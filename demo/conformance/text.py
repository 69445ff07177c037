"""The reference's tokenizer: special tokens cut out first, spaces beside them dropped, SentencePiece on every stretch between."""

import re
from pathlib import Path

from sentencepiece import SentencePieceProcessor

PICTURES = ("[PAD]", "[IMG]", "[/IMG]", "<image>")
ROLES = ("[USER]", "[ASSISTANT]")
BOS, EOS = 1, 2


class Tokenizer:
    def __init__(self, model: Path, instruct: bool):
        self.pieces = SentencePieceProcessor(model_file=str(model))
        added = PICTURES + (ROLES if instruct else ())
        self.special = {"<s>": BOS, "</s>": EOS, "<unk>": 0} | {token: self.pieces.vocab_size() + i for i, token in enumerate(added)}
        self.cut = re.compile("(" + "|".join(re.escape(token) for token in self.special) + ")")

    def encode(self, text: str) -> list[int]:
        parts = self.cut.split(text)
        ids = []
        for i, part in enumerate(parts):
            if i % 2:
                ids.append(self.special[part])
            else:
                part = part.lstrip() if i > 0 else part
                part = part.rstrip() if i + 1 < len(parts) else part
                ids += self.pieces.encode(part) if part else []
        return ids

    def with_bos(self, text: str) -> list[int]:
        return [BOS, *self.encode(text)]

    def decode(self, ids: list[int]) -> str:
        pieces = [self.pieces.id_to_piece(i) for i in ids if i not in self.special.values()]
        if pieces and pieces[0].startswith("\u2581"):
            pieces[0] = pieces[0][1:]
        return self.pieces.decode_pieces(pieces)

    def picture(self, tokens: int) -> str:
        return "[IMG]" + "<image>" * tokens + "[/IMG]"
