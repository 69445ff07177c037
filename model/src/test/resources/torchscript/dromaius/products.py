import torch
from torch import Tensor
from dromaius.ops import linear


class Products(Module):

    def miss(self, rows: int, w: Tensor) -> Tensor:
        """The largest difference from the whole product in fp32, over the largest element; what is not stored in rows misses."""
        x = torch.rand([rows, w.shape[1]], dtype=torch.float32).to(w.dtype) - 0.5
        y = linear(x, w)
        exact = torch.matmul(x.to(torch.float32), w.to(torch.float32).t())
        far = torch.max(torch.abs(y.to(torch.float32) - exact)) / torch.max(torch.abs(exact))
        return far if y.is_contiguous() else torch.ones([1])

    def weights(self, outs: int, width: int) -> Tensor:
        return torch.rand([outs, width], dtype=torch.float32) - 0.5
