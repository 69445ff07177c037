from typing import List, Tuple
import torch
from torch import Tensor
from dromaius.ops import linear, rms_norm


class Heads(Module):
    # What is read off the last layer's output.
    eps : float
    filled : int

    def regress(self, x: Tensor, rows: Tensor, norm: Tensor, w: Tensor) -> Tensor:
        """Predicted visual embeddings of the rows: [n, d]."""
        return linear(rms_norm(x.index_select(0, rows), norm, self.eps), w, None, self.filled)

    def text(self, x: Tensor, rows: Tensor, norm: Tensor, w: Tensor) -> Tuple[Tensor, Tensor]:
        """Logits and log-probabilities of the rows: [n, vocabulary], fp32."""
        logits = linear(rms_norm(x.index_select(0, rows), norm, self.eps), w, None, self.filled).to(torch.float32)
        return logits, torch.log_softmax(logits, 1)

    def select(self, logits: Tensor, logprobs: Tensor, row: int, on_logprobs: bool, penalised: List[int], penalty: float,
               banned: List[int], constrained: bool, allowed: List[int], k: int, ties: bool, top: int,
               score_ids: List[int]) -> List[Tensor]:
        """The k best ids with processed scores and log-probabilities; the best ids of the unprocessed distribution with
        theirs; log-probabilities of score_ids."""
        plain = logprobs[row]  # [vocabulary]
        scores = process(plain if on_logprobs else logits[row], penalised, penalty, banned, constrained, allowed)
        ids = best(scores, k, ties)
        top_ids = best(plain, top, False)
        wanted = torch.tensor(score_ids, dtype=torch.int64, device=plain.device)
        return [ids, torch.cat([scores[ids], plain[ids], plain[top_ids], plain[wanted]]), top_ids]


def process(scores: Tensor, penalised: List[int], penalty: float, banned: List[int], constrained: bool,
            allowed: List[int]) -> Tensor:
    """Repetition penalty (arXiv 1909.05858), then bans, then the constraint. scores: [vocabulary], not changed."""
    scores = scores.clone()
    device = scores.device
    if len(penalised) > 0 and penalty != 1.0:
        ids = torch.tensor(penalised, dtype=torch.int64, device=device)
        s = scores[ids]
        scores[ids] = torch.where(s < 0, s * penalty, s / penalty)
    if len(banned) > 0:
        scores[torch.tensor(banned, dtype=torch.int64, device=device)] = -inf
    if constrained:
        ids = torch.tensor(allowed, dtype=torch.int64, device=device)
        scores = torch.full_like(scores, -inf).index_copy(0, ids, scores[ids])
    return scores


def best(scores: Tensor, k: int, ties: bool) -> Tensor:
    """Ids of the k highest scores, best first, equal ones by id; with ties also those equal to the last."""
    if k <= 0:
        return torch.empty([0], dtype=torch.int64, device=scores.device)
    if k >= scores.shape[0]:
        ids = torch.arange(scores.shape[0], device=scores.device)
    else:
        # topk alone leaves open which of several equal scores it takes.
        ids = torch.nonzero(scores >= torch.amin(torch.topk(scores, k)[0])).flatten()
    _, order = torch.sort(scores[ids], stable=True, dim=0, descending=True)
    ids = ids[order]
    return ids if ties else ids[:k]
