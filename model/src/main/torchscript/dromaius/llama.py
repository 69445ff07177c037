from typing import List, Optional, Tuple
import torch
from torch import Tensor
from dromaius.ops import attend, linear, rms_norm
from dromaius.prefix import attend_packed, pack_keys, pack_values


class Stage(Module):
    # Consecutive LLaMA layers (arXiv 2302.13971) over a paged key-value cache.
    # rows: the step's new positions, those of all its sequences one after another
    # slot: place of a position in the pages, block * block_size + offset
    heads : int
    eps : float
    theta : float
    filled : int

    def embed(self, table: Tensor, ids: Tensor, vectors: Tensor, places: Tensor) -> Tensor:
        """Rows of token ids, those at `places` replaced by vectors. ids: [rows]; vectors: [n, d]; places: [n]."""
        x = torch.embedding(table, ids)  # [rows, d]
        return x.index_copy(0, places, vectors.to(x.dtype))

    def copy_blocks(self, keys: List[Tensor], values: List[Tensor], sources: Tensor, targets: Tensor, size: int) -> None:
        for pages in keys + values:
            blocks = pages.view(pages.shape[0], -1, size, pages.shape[2])  # [heads, blocks, size, w]
            blocks.index_copy_(1, targets, blocks.index_select(1, sources))

    def pack(self, keys: List[Tensor], values: List[Tensor], layer: int, slots: Tensor, rows: int,
             room: Tensor) -> List[Tensor]:
        """Keys and values of these slots in a layer for attend_packed(). slots: [n]; room: [heads * n * w], written."""
        return [pack_keys(keys[layer], slots, rows, room), pack_values(values[layer], slots, rows, room)]

    def forward(self, x: Tensor, layers: List[List[Tensor]], keys: List[Tensor], values: List[Tensor],
                positions: Tensor, slots: Tensor, reads: List[int], prefixes: List[int], packs: List[Tensor],
                runs: List[int], chunks: List[int]) -> Tensor:
        """x: [rows, d]; positions, slots: [rows]; packs: layer by layer; reads, prefixes, runs, chunks: see attention()."""
        bags: Optional[Tuple[Tensor, Tensor, Tensor]] = None
        if x.device.type == "cpu":
            bags = bag_rows(reads, x.shape[0], keys[0])
        cos, sin = rotation(positions, x.shape[1] // self.heads, self.theta)
        for i in range(len(layers)):
            w, k_pages, v_pages = layers[i], keys[i], values[i]
            q, k, v = self.project(rms_norm(x, w[0], self.eps), w)
            q = rotate(q, cos, sin)
            k = rotate(k, cos, sin)
            k_pages.index_copy_(1, slots, k.to(k_pages.dtype).transpose(0, 1))
            v_pages.index_copy_(1, slots, v.to(v_pages.dtype).transpose(0, 1))
            o = attention(q.to(k_pages.dtype), k.to(k_pages.dtype), v.to(v_pages.dtype), k_pages, v_pages, bags,
                          reads, prefixes, of_layer(packs, prefixes, i), runs, chunks)
            x = x + self.product(o.to(x.dtype).flatten(1), w[4])
            h = rms_norm(x, w[5], self.eps)
            x = x + self.product(torch.silu(self.product(h, w[6])) * self.product(h, w[7]), w[8])
        return x

    def product(self, h: Tensor, w: Tensor) -> Tensor:
        return linear(h, w, None, self.filled)

    def project(self, h: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
        shape = [h.shape[0], self.heads, h.shape[1] // self.heads]  # [rows, heads, w]
        return self.product(h, w[1]).view(shape), self.product(h, w[2]).view(shape), self.product(h, w[3]).view(shape)


def rotation(positions: Tensor, width: int, theta: float) -> Tuple[Tensor, Tensor]:
    """Cosines and sines of position / theta^(2i/width): [rows, 1, width / 2], fp32 (arXiv 2104.09864)."""
    i = torch.arange(0, width, 2, dtype=torch.float32, device=positions.device)
    angles = torch.outer(positions.to(torch.float32), 1.0 / torch.pow(theta, i / width))
    return torch.cos(angles).unsqueeze(1), torch.sin(angles).unsqueeze(1)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turns the pair (x_i, x_{i + w/2}) of each head by its angle, in fp32. x: [rows, heads, w]"""
    a, b = torch.chunk(x.to(torch.float32), 2, -1)  # [rows, heads, w / 2]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def of_layer(packs: List[Tensor], prefixes: List[int], layer: int) -> List[Tensor]:
    """The pair of each prefix."""
    count = len(prefixes) // 3 * 2
    return packs[layer * count:(layer + 1) * count]


def attention(q: Tensor, k: Tensor, v: Tensor, k_pages: Tensor, v_pages: Tensor,
              bags: Optional[Tuple[Tensor, Tensor, Tensor]], reads: List[int], prefixes: List[int], packs: List[Tensor],
              runs: List[int], chunks: List[int]) -> Tensor:
    """Causal attention of the rows over their sequences; q, k, v: [rows, heads, w]; pages: [heads, slots, w].

    reads: quadruples (first row, end row, first slot, end slot): these rows, none of them in a chunk, see all of these slots,
    which are read in place, keys once for all rows of a quadruple.
    runs: first row, end row, n, then n pairs (first slot, end slot): these rows, all of them in chunks, see all of these
    slots, one pair where it lies, several put together first.
    prefixes: triples (first row, end row, rows packed for) of rows among those in reads, on the CPU alone, that see besides
    what a pair of packs holds, see attend_packed(); each as many slots as the others of the triple.
    chunks: pairs (first row, end row) of new rows of one sequence that see one another causally. Parts of a row that is
    in a chunk are merged by the logarithms of their denominators, in the order of runs. bags: what bag_rows() makes of reads,
    on the CPU; without, reads are read as runs are.
    """
    q = q.transpose(0, 1)  # [heads, rows, w]
    if bags is not None and len(runs) + len(chunks) == 0:
        return attend_bags(q, k_pages, v_pages, bags, reads, prefixes, packs).transpose(0, 1)
    o = torch.zeros_like(q)
    lse = torch.full([q.shape[0], q.shape[1]], -inf, dtype=torch.float32, device=q.device)  # [heads, rows]
    if bags is None:
        for i in range(0, len(reads), 4):
            attend_slots(o, lse, q, k_pages, v_pages, reads[i], reads[i + 1], reads[i + 2:i + 4])
    elif len(reads) > 0:
        o.index_copy_(1, bags[0], attend_bags(q, k_pages, v_pages, bags, reads, prefixes, packs))
    attend_runs(o, lse, q, k_pages, v_pages, runs)
    for i in range(0, len(chunks), 2):
        first, end = chunks[i], chunks[i + 1]
        part, weight = attend(q[:, first:end], k[first:end].transpose(0, 1), v[first:end].transpose(0, 1), True)
        merge(o[:, first:end], lse[:, first:end], part, weight)
    return o.transpose(0, 1)  # [rows, heads, w]


def attend_runs(o: Tensor, lse: Tensor, q: Tensor, k_pages: Tensor, v_pages: Tensor, runs: List[int]) -> None:
    i = 0
    while i < len(runs):
        slots = i + 3
        end = slots + 2 * runs[i + 2]
        attend_slots(o, lse, q, k_pages, v_pages, runs[i], runs[i + 1], runs[slots:end])
        i = end


def attend_slots(o: Tensor, lse: Tensor, q: Tensor, k_pages: Tensor, v_pages: Tensor, first: int, end: int,
                 slots: List[int]) -> None:
    """Adds to o and lse what the rows first to end see in pairs (first slot, end slot)."""
    part, weight = attend(q[:, first:end], strip(k_pages, slots), strip(v_pages, slots), False)
    merge(o[:, first:end], lse[:, first:end], part, weight)


def strip(pages: Tensor, slots: List[int]) -> Tensor:
    """The slots of these pairs: [heads, n, w], in place if there is one pair."""
    if len(slots) == 2:
        return pages[:, slots[0]:slots[1]]
    parts: List[Tensor] = []
    for i in range(0, len(slots), 2):
        parts.append(pages[:, slots[i]:slots[i + 1]])
    return torch.cat(parts, 1)


def bag_rows(reads: List[int], rows: int, pages: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """For attend_bags(): the rows that read; which rows of the flattened pages make each of their bags, head by head and
    in a head row by row; and where each bag begins."""
    slots: List[List[Tensor]] = []
    for i in range(rows):
        none: List[Tensor] = []
        slots.append(none)
    for i in range(0, len(reads), 4):
        run = torch.arange(reads[i + 2], reads[i + 3], dtype=torch.int32, device=pages.device)
        for row in range(reads[i], reads[i + 1]):
            slots[row].append(run)
    readers: List[int] = []
    begins: List[int] = []
    flat: List[Tensor] = [torch.empty([0], dtype=torch.int32, device=pages.device)]
    length = 0
    for row in range(rows):
        if len(slots[row]) > 0:
            readers.append(row)
            begins.append(length)
            for run in slots[row]:
                length = length + run.shape[0]
                flat.append(run)
    heads = torch.arange(pages.shape[0], dtype=torch.int32, device=pages.device).unsqueeze(1)
    ids = heads * pages.shape[1] + torch.cat(flat)
    offsets = heads * length + torch.tensor(begins, dtype=torch.int32, device=pages.device)
    return torch.tensor(readers, dtype=torch.int64, device=pages.device), ids.flatten(), offsets.flatten()


def attend_bags(q: Tensor, k_pages: Tensor, v_pages: Tensor, bags: Tuple[Tensor, Tensor, Tensor], reads: List[int],
                prefixes: List[int], packs: List[Tensor]) -> Tensor:
    """Attention of the rows that read: [heads, readers, w]. CPU only.

    With one row, the products are streams over keys and values, and kernels for matrices lag behind memory. Keys times a
    column is one that does not. Values are summed by embedding_bag, weighted: it takes whatever slots a row has in one call
    and, as bags of a head follow each other, slots that rows share come from the cache for all but the first. A packed
    prefix is to its rows one position more, the last: its score is the logarithm of its denominator, its value its result.
    """
    readers, ids, offsets = bags
    q = q * (1.0 / torch.sqrt(q.shape[2]))
    scores = bag_scores(q, k_pages, reads)
    p: List[Tensor] = []
    parts: List[Tensor] = []
    places: List[int] = []  # of the parts among the readers
    row, reader, i = 0, 0, 0
    while row < len(scores):
        end = row + 1
        if 3 * i < len(prefixes) and prefixes[3 * i] == row:
            end = prefixes[3 * i + 1]
            part, lse = attend_packed(q[:, row:end], packs[2 * i], packs[2 * i + 1], prefixes[3 * i + 2])
            own = torch.stack([torch.cat(s, 1) for s in scores[row:end]], 1)  # [heads, m, slots]
            weights = torch.softmax(torch.cat([own, lse.unsqueeze(2)], 2), 2)
            p.append(weights[:, :, :-1].flatten(1))
            parts.append(part * weights[:, :, -1:])
            places.append(reader)
            reader = reader + end - row
            i = i + 1
        elif len(scores[row]) > 0:
            p.append(torch.softmax(torch.cat(scores[row], 1), 1))
            reader = reader + 1
        row = end
    o, _, _, _ = torch.embedding_bag(v_pages.view([-1, v_pages.shape[2]]), ids, offsets, False, 0, False,
                                     torch.cat(p, 1).flatten())
    o = o.view([q.shape[0], -1, q.shape[2]])
    for part, place in zip(parts, places):
        o.narrow(1, place, part.shape[1]).add_(part)
    return o


def bag_scores(q: Tensor, k_pages: Tensor, reads: List[int]) -> List[List[Tensor]]:
    """Of each row, its scores, a [heads, slots] for each quadruple that it is in."""
    scores: List[List[Tensor]] = []
    for i in range(q.shape[1]):
        none: List[Tensor] = []
        scores.append(none)
    for i in range(0, len(reads), 4):
        first, end, begin, stop = reads[i], reads[i + 1], reads[i + 2], reads[i + 3]
        # Products of less than 400 terms have a kernel of their own, and what a row gets would depend on how its blocks lie.
        least = 400 // (q.shape[2] * (end - first)) + 1
        before = min(begin, max(0, least - (stop - begin)))
        after = max(0, least - (stop - begin) - before)
        s = torch.bmm(k_pages[:, begin - before:stop + after], q[:, first:end].transpose(1, 2))  # [heads, slots, rows]
        for row in range(first, end):
            scores[row].append(s[:, before:before + stop - begin, row - first])
    return scores


def merge(o: Tensor, lse: Tensor, part: Tensor, weight: Tensor) -> None:
    """Adds a partial softmax to o and lse in place: [heads, m, w] and [heads, m]."""
    # A kernel may compute the odd elements at the end of what is contiguous otherwise, and lse is more or less so with the
    # rows beside.
    own, weight = lse.contiguous(), weight.contiguous()
    total = torch.logaddexp(own, weight)
    o.mul_(torch.exp(own - total).unsqueeze(2)).add_(part * torch.exp(weight - total).unsqueeze(2))
    lse.copy_(total)
