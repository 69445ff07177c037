from typing import List
import torch
from torch import Tensor
from dromaius.llama import attention, bag_rows, of_layer
from dromaius.ops import attend, linear
from dromaius.prefix import pack_keys, pack_values, product


class Bench(Module):
    # Parts of a stage's work alone, and readers of the same bytes.

    def total(self, parts: List[Tensor]) -> Tensor:
        """Reads every byte once. Whatever the parts hold is added up as fp32, the fastest sum."""
        total = torch.zeros([1])
        for x in parts:
            # With its size given, set_ cannot grow the storage.
            words = x.numel() * x.element_size() // 4
            total = total + torch.sum(torch.empty([0], dtype=torch.float32, device=x.device).set_(x, 0, [words], [1]))
        return total

    def fill(self, parts: List[Tensor]) -> None:
        # Memory that was never written is one page of zeros, read from the cache.
        for x in parts:
            x.fill_(0.01)

    def gemm(self, layers: List[List[Tensor]], x: Tensor, h: Tensor) -> Tensor:
        """The seven products of each layer; x: [rows, d], h: [rows, intermediate]."""
        y = x
        for w in layers:
            for i in [1, 2, 3, 4]:
                y = linear(x, w[i])
            for i in [6, 7]:
                linear(x, w[i])
            y = linear(h, w[8])
        return y

    def attend(self, q: Tensor, keys: List[Tensor], values: List[Tensor], reads: List[int], prefixes: List[int],
               packs: List[Tensor]) -> Tensor:
        """What the attention of a step's single rows does in all layers."""
        o = q
        none: List[int] = []
        bags = bag_rows(reads, q.shape[0], keys[0])
        for i in range(len(keys)):
            o = attention(o, q, q, keys[i], values[i], bags, reads, prefixes, of_layer(packs, prefixes, i), none, none)
        return o

    def pack(self, keys: List[Tensor], values: List[Tensor], slots: int, rows: int) -> List[Tensor]:
        """The first slots of all layers for attend()."""
        packs: List[Tensor] = []
        first = torch.arange(slots)
        room = torch.empty([keys[0].shape[0] * slots * keys[0].shape[2]])
        for k, v in zip(keys, values):
            packs.append(pack_keys(k, first, rows, room))
            packs.append(pack_values(v, first, rows, room))
        return packs

    def bags(self, heads: int, rows: int, slots: int, tile: int) -> List[Tensor]:
        """Slots and beginnings of bags, tile by tile: the rows of a tile follow one another."""
        tiles = slots // tile
        head = torch.arange(heads).view([-1, 1, 1, 1]) * slots
        first = torch.arange(tiles).view([1, -1, 1, 1]) * tile
        ids = (head + first + torch.arange(tile)).expand([heads, tiles, rows, tile])
        offsets = torch.arange(heads * tiles * rows) * tile
        return [ids.flatten().to(torch.int32), offsets.to(torch.int32)]

    def kernel(self, name: str, q: Tensor, p: Tensor, keys: List[Tensor], values: List[Tensor], tile: int,
               bags: List[Tensor], packs: List[Tensor]) -> Tensor:
        """One way to read keys or values; q: [heads, rows, w]; p: [heads, rows, slots]; pages: [heads, slots, w]."""
        o = q
        for i in range(len(keys)):
            k, v = keys[i], values[i]
            if name == "rows times packed keys":
                o = product(q.transpose(0, 1).contiguous(), packs[2 * i])
            elif name == "rows times packed values":
                o = product(p.transpose(0, 1).contiguous(), packs[2 * i + 1])
            elif name == "keys times columns":
                o = torch.bmm(k, q.transpose(1, 2))
            elif name == "rows times transposed keys":
                o = torch.bmm(q, k.transpose(1, 2))
            elif name == "rows times values":
                o = torch.bmm(p, v)
            elif name == "fused":
                o, _ = attend(q, k, v, False)
            else:
                tiles = p.view([p.shape[0], p.shape[1], -1, tile]).transpose(1, 2)  # [heads, tiles, rows, tile]
                o, _, _, _ = torch.embedding_bag(v.view([-1, v.shape[2]]), bags[0], bags[1], False, 0, False,
                                                 tiles.flatten())
                o = o.view([p.shape[0], -1, p.shape[1], v.shape[2]]).sum([1])
        return o
