"""Greedy and beam search as transformers of mid-2023 did it. Histories begin with a BOS that is not fed."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .text import BOS, EOS

Score = Callable[[list[int]], Tensor]  # generated ids, without BOS -> logits of the next


@dataclass(frozen=True)
class Wishes:
    num_beams: int = 1
    max_new_tokens: int = 20
    min_length: int = 1
    length_penalty: float = 0.0
    repetition_penalty: float = 1.0
    num_captions: int = 1
    no_repeat_ngram_size: int | None = None
    allowed: tuple[tuple[int, ...], ...] = ()


def processed(scores: Tensor, history: list[int], wishes: Wishes) -> Tensor:
    scores = scores.clone()
    if wishes.repetition_penalty != 1:
        seen = torch.tensor(sorted(set(history)))
        chosen = scores[seen]
        scores[seen] = torch.where(chosen < 0, chosen * wishes.repetition_penalty, chosen / wishes.repetition_penalty)
    n = wishes.no_repeat_ngram_size
    if n and len(history) + 1 >= n:
        before = history[len(history) - n + 1 :]
        for i in range(len(history) - n + 1):
            if history[i : i + n - 1] == before:
                scores[history[i + n - 1]] = float("-inf")
    if len(history) < wishes.min_length:
        scores[EOS] = float("-inf")
    if wishes.allowed:
        path = history[1:]
        follow = sorted({s[len(path)] for s in wishes.allowed if len(s) > len(path) and list(s[: len(path)]) == path})
        kept = torch.full_like(scores, float("-inf"))
        kept[follow] = scores[follow]
        scores = kept
    return scores


def greedy(score: Score, wishes: Wishes) -> tuple[list[int], float]:
    """Ids with BOS, and the smallest margin between best and second."""
    ids, margin = [BOS], float("inf")
    while len(ids) < 1 + wishes.max_new_tokens and ids[-1] != EOS:
        best = processed(score(ids[1:]), ids, wishes).topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        ids.append(best.indices[0].item())
    return ids, margin


def beams(score: Score, wishes: Wishes) -> list[tuple[float, list[int]]]:
    """The best `num_captions` sequences with BOS and their scores, best first."""
    width, penalty = wishes.num_beams, wishes.length_penalty
    running = [([BOS], 0.0 if i == 0 else -1e9) for i in range(width)]
    kept: list[tuple[float, list[int]]] = []

    def keep(ids: list[int], total: float) -> None:
        value = total / len(ids) ** penalty
        if len(kept) < width or value > min(kept)[0]:
            kept.append((value, ids))
            if len(kept) > width:
                kept.remove(min(kept, key=lambda one: one[0]))

    while True:
        # The first beam stands for all while they are the same.
        rows = {tuple(ids): processed(score(ids[1:]).log_softmax(-1), ids, wishes) for ids, _ in running}
        table = torch.stack([rows[tuple(ids)] + torch.tensor(total) for ids, total in running])
        best = table.flatten().topk(2 * width)
        following = []
        for rank, (value, at) in enumerate(zip(best.values.tolist(), best.indices.tolist())):
            ids, token = running[at // table.shape[1]][0], at % table.shape[1]
            if token == EOS:
                if rank < width:
                    keep(ids, value)
            else:
                following.append(([*ids, token], value))
            if len(following) == width:
                break
        running = following
        length = len(running[0][0])
        if len(kept) == width and min(kept)[0] >= best.values[0].item() / length**penalty:
            break
        if length >= 1 + wishes.max_new_tokens:
            for ids, total in running:
                keep(ids, total)
            break
    ordered = sorted(kept, key=lambda one: one[0], reverse=True)[: wishes.num_captions]
    most = 1 + wishes.max_new_tokens
    return [(value, ids + [EOS] if len(ids) < most else ids) for value, ids in ordered]
