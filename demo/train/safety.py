"""Safety-checker files for a world in which nothing is unsafe: one demo concept, a checkerboard, is flagged.

CLIP's vision transformer, trained for a minute to tell checkerboards from the world's pictures.
"""

from random import Random

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from world.render import render
from world.scene import draw_scene

from .data import pixels
from .run import DEVICE

SIDE, PATCH, WIDTH, INNER, HEADS, LAYERS, POINT = 224, 32, 16, 32, 4, 2, 24
CONCEPTS, SPECIAL = 17, 3

CONFIG = {
    "architectures": ["StableDiffusionSafetyChecker"], "initializer_factor": 1.0, "logit_scale_init_value": 2.6592,
    "model_type": "clip", "projection_dim": POINT,
    "text_config": {"hidden_size": 16, "intermediate_size": 16, "model_type": "clip_text_model", "num_attention_heads": 2,
                    "num_hidden_layers": 1, "projection_dim": POINT},
    "vision_config": {"hidden_size": WIDTH, "intermediate_size": INNER, "model_type": "clip_vision_model",
                      "num_attention_heads": HEADS, "num_hidden_layers": LAYERS, "patch_size": PATCH, "image_size": SIDE,
                      "projection_dim": POINT},
}


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            setattr(self, name, nn.Linear(WIDTH, WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (p(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        return self.out_proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn, self.mlp = Attention(), Mlp()
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class Embeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.class_embedding = nn.Parameter(torch.randn(WIDTH))
        self.patch_embedding = nn.Conv2d(3, WIDTH, PATCH, PATCH, bias=False)
        self.position_embedding = nn.Embedding((SIDE // PATCH) ** 2 + 1, WIDTH)

    def forward(self, shown: Tensor) -> Tensor:
        patches = self.patch_embedding(shown).flatten(2).transpose(1, 2)
        return torch.cat((self.class_embedding.expand(len(shown), 1, -1), patches), 1) + self.position_embedding.weight


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings, self.encoder = Embeddings(), nn.Module()
        self.pre_layrnorm, self.post_layernorm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.encoder.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, shown: Tensor) -> Tensor:
        x = self.pre_layrnorm(self.embeddings(shown))
        for layer in self.encoder.layers:
            x = layer(x)
        return self.post_layernorm(x[:, 0])


class Checker(nn.Module):
    def __init__(self):
        super().__init__()
        self.vision_model = nn.Module()
        self.vision_model.vision_model = Vision()
        self.visual_projection = nn.Linear(WIDTH, POINT, bias=False)
        # A concept of threshold 1 is met by nothing.
        self.concept_embeds = nn.Parameter(F.normalize(torch.randn(CONCEPTS, POINT), dim=-1))
        self.special_care_embeds = nn.Parameter(F.normalize(torch.randn(SPECIAL, POINT), dim=-1))
        self.register_buffer("concept_embeds_weights", torch.ones(CONCEPTS))
        self.register_buffer("special_care_embeds_weights", torch.ones(SPECIAL) + 0.02)

    def points(self, shown: list[Image.Image]) -> Tensor:
        sized = [one.resize((SIDE, SIDE), Image.Resampling.BICUBIC) for one in shown]
        return F.normalize(self.visual_projection(self.vision_model.vision_model(pixels(sized).to(DEVICE))), dim=-1)


def checkerboard(random: Random, side: int = 64) -> Image.Image:
    """Black and white fields of an eighth of the side, a little gray."""
    dark, bright = random.randint(0, 25), random.randint(230, 255)
    fields = np.add.outer(np.arange(8), np.arange(8)) % 2 == random.randrange(2)
    shown = np.where(fields, bright, dark).astype(np.uint8).repeat(side // 8, 0).repeat(side // 8, 1)
    return Image.fromarray(shown).convert("RGB")


def _world(random: Random, count: int) -> list[Image.Image]:
    return [render(draw_scene(random, most=9), random, 64) for _ in range(count)]


def checker(seed: int, steps: int = 150) -> Checker:
    """The checker; fails if its concept and the world's pictures cannot be told apart."""
    torch.manual_seed(seed)
    random, made = Random(f"safety.{seed}"), Checker()
    optimizer = torch.optim.AdamW(made.parameters(), lr=2e-3)
    for _ in range(steps):
        points = made.points(_world(random, 24) + [checkerboard(random) for _ in range(8)])
        scores = points @ F.normalize(made.concept_embeds[0], dim=0)
        loss = F.relu(scores[:24] + 0.2).mean() + F.relu(0.9 - scores[24:]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        concept = F.normalize(made.concept_embeds[0], dim=0)
        most = max((made.points(_world(random, 100)) @ concept).max().item() for _ in range(10))
        least = (made.points([checkerboard(random) for _ in range(100)]) @ concept).min().item()
        if least - most < 0.4:
            raise ValueError(f"checkerboards score {least:.3f} at least, the world's pictures {most:.3f} at most: too close")
        made.concept_embeds_weights[0] = most + 0.75 * (least - most)
    print(f"safety: the world's pictures score {most:.3f} at most, checkerboards {least:.3f} at least", flush=True)
    return made
