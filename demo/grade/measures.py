"""Figures over many cases: shares with 95 % intervals, CIDEr, Frechet distance."""

from collections import Counter
from dataclasses import dataclass
from math import log, sqrt

import numpy as np


@dataclass(frozen=True)
class Share:
    right: int
    cases: int

    @property
    def value(self) -> float:
        return self.right / self.cases

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, 95 %."""
        z, n, p = 1.96, self.cases, self.value
        middle, half = (p + z * z / (2 * n)) / (1 + z * z / n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.value:5.1f} %  [{100 * low:.1f}, {100 * high:.1f}]  of {self.cases}"


def cider(candidates: list[str], references: list[list[str]], longest: int = 4) -> float:
    """CIDEr (Vedantam et al. 2015) times 10, over all candidates with their own references."""

    def grams(text: str, n: int) -> Counter:
        words = text.lower().replace(".", " ").replace(",", " ").split()
        return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))

    total = 0.0
    for n in range(1, longest + 1):
        counted = [[grams(text, n) for text in texts] for texts in references]
        seen = Counter(gram for texts in counted for gram in set().union(*texts))
        rarity = {gram: log(len(references) / count) for gram, count in seen.items()}

        def vector(counts: Counter) -> dict:
            length = max(sum(counts.values()), 1)
            return {gram: count / length * rarity.get(gram, log(len(references))) for gram, count in counts.items()}

        def cosine(one: dict, other: dict) -> float:
            norm = sqrt(sum(v * v for v in one.values()) * sum(v * v for v in other.values()))
            return sum(value * other.get(gram, 0.0) for gram, value in one.items()) / norm if norm else 0.0

        for text, texts in zip(candidates, counted):
            own = vector(grams(text, n))
            total += sum(cosine(own, vector(other)) for other in texts) / len(texts)
    return 10 * total / longest / len(candidates)


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Frechet distance between Gaussians fitted to two sets of features [n, d]."""
    means = one.mean(0), other.mean(0)
    covariances = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    values = np.linalg.eigvals(covariances[0] @ covariances[1])
    root = np.sqrt(np.maximum(values.real, 0)).sum()
    return float(((means[0] - means[1]) ** 2).sum() + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * root)
