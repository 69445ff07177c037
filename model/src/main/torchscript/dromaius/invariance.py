import torch
from torch import Tensor
from dromaius.ops import linear


class Invariance(Module):
    # Whether this library, on this processor and with this many threads, does what linear() counts on.

    def holds(self, w: Tensor, filled: int) -> Tensor:
        """1 if rows times w come out the same in any number, of some that are tried; else 0."""
        x = torch.sin(torch.arange(512 * w.shape[1], dtype=torch.float32)).view([512, -1]).to(w.dtype)
        whole = linear(x, w, None, filled)
        same = 1
        for rows in [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 24, 31, 33, 48, 64, 65, 100, 200, 257, 320]:
            first = torch.equal(linear(x[:rows], w, None, filled), whole[:rows])
            last = torch.equal(linear(x[512 - rows:], w, None, filled), whole[512 - rows:])
            if not (first and last):
                same = 0
        return torch.tensor(same)
