"""The stages behind the visual embeddings: diffusion, autoencoder, safety checker."""

import json
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch import Tensor

from . import nets
from .files import read_weights, write_json, write_tensors
from .pndm import Pndm

# Name: (embeddings, steps, guidance, height, width).
RUNS = {"text10": ("text", 10, 7.5, 48, 80), "blend6": ("blend", 6, 7.5, 48, 80), "context10": ("context", 10, 10.0, 48, 80),
        "text4_nocfg": ("text", 4, 1.0, 48, 80), "blend1": ("blend", 1, 5.0, 48, 80), "tall5": ("text", 5, 3.0, 84, 36)}
PHOTOS = ("dog", "cat", "ray")
# How far from a threshold a cosine must be, and how much stricter a special concept makes the others.
CLEAR, STRICTER = 4e-3, 0.01


class Pictures:
    def __init__(self, root: Path, seed: int, embeddings: dict[str, Tensor]):
        base = root / "emu-tiny"
        read = lambda folder: (read_weights(base / folder), json.loads((base / folder / "config.json").read_text()))
        (self.unet, self.unet_config), (self.vae, self.vae_config) = read("unet"), read("vae")
        self.clip, self.clip_config = read("safety_checker")
        self.extractor = json.loads((base / "feature_extractor" / "preprocessor_config.json").read_text())
        self.scheduler = Pndm(json.loads((base / "scheduler" / "scheduler_config.json").read_text()))
        self.root, self.cases, self.embeddings = root, root / "cases", embeddings
        self.generator = torch.Generator().manual_seed(seed)

    def write(self, fresh: bool) -> None:
        runs = {name: self._draw(name, *wanted) for name, wanted in RUNS.items()}
        photos = {name: Image.open(self.cases / "inputs" / f"{name}.png").convert("RGB") for name in PHOTOS}
        looks = {name: self._look(picture) for name, picture in photos.items()}
        thresholds, special = self.clip["concept_embeds_weights"], self.clip["special_care_embeds_weights"]
        if fresh:
            thresholds, special = self._thresholds([*(run["look"] for run in runs.values()), *looks.values()], len(runs))
            file = self.root / "emu-tiny" / "safety_checker" / "pytorch_model.bin"
            torch.save({**torch.load(file), "concept_embeds_weights": thresholds, "special_care_embeds_weights": special}, file)
        json_runs = {}
        for name, run in runs.items():
            inputs, steps, guidance, height, width = RUNS[name]
            run["tensors"]["clip_image_embeds"] = run["look"]["embeds"][None]
            if name == "text10":
                run["tensors"]["clip_pixels_channel0"] = run["look"]["pixels"][None, 0]
            write_tensors(self.cases / "diffusion" / f"{name}.safetensors", run["tensors"])
            run["picture"].save(self.cases / "diffusion" / f"{name}_before_safety.png")
            steps_at = self.scheduler.timesteps(steps)
            json_runs[name] = {"inputs": inputs, "num_inference_steps": steps, "guidance_scale": guidance, "height": height, "width": width,
                               "timesteps": steps_at, **self._verdict(run["look"], thresholds, special)}
        json_photos = {}
        for name, look in looks.items():
            pixels = look["pixels"]
            json_photos[name] = {**self._verdict(look, thresholds, special), "image_embeds": look["embeds"].tolist(), "pixel_mean": pixels.mean().item(),
                                 "pixel_corner": pixels[:, 0, 0].tolist(), "pixel_last": pixels[:, -1, -1].tolist()}
        products = self.scheduler.products
        sampled = {str(i): products[i].item() for i in (0, 1, 10, 100, self.scheduler.count - 1)}
        write_json(self.cases / "diffusion" / "diffusion.json", {
            "height": 48, "width": 80, "cases": json_runs, "concept_thresholds": thresholds.tolist(), "special_thresholds": special.tolist(),
            "safety_on_photos": json_photos, "scheduler_timesteps": {str(n): self.scheduler.timesteps(n) for n in (1, 2, 4, 10, 25, 50)},
            "alphas_cumprod_sample": sampled, "final_alpha_cumprod": products[0].item(),
        })
        print("  flagged:", [name for name, run in json_runs.items() if run["flagged"]], [name for name, photo in json_photos.items() if photo["flagged"]])

    def _draw(self, name: str, inputs: str, steps: int, guidance: float, height: int, width: int) -> dict:
        factor = 2 ** (len(self.vae_config["block_out_channels"]) - 1)
        latents = torch.randn(1, self.vae_config["latent_channels"], height // factor, width // factor, generator=self.generator)
        context = self.embeddings[inputs] if guidance > 1 else self.embeddings[inputs][:1]
        seen: list[dict[str, Tensor]] = []

        def noise(sample: Tensor, timestep: int) -> Tensor:
            seen.append(nets.unet(self.unet, self.unet_config, sample.expand(len(context), -1, -1, -1), timestep, context))
            out = seen[-1]["out"]
            return out[1:] + guidance * (out[:1] - out[1:]) if len(context) == 2 else out

        samples = self.scheduler.walk(steps, latents, noise)
        decoded = nets.vae(self.vae, self.vae_config, samples[-1])
        tensors = {"initial_latents": latents, "prompt_embeds": context, "latents_per_step": torch.cat(samples),
                   "unet_out_first": seen[0]["out"], "vae_decoded": decoded["decoded"]}
        if name in ("text10", "tall5"):
            tensors |= {f"unet_{part}": tensor.contiguous() for part, tensor in seen[0].items() if part != "out"}
            tensors |= {f"vae_{part}": decoded[part] for part in ("post_quant", "mid")}
        samples_u8 = ((decoded["decoded"][0] / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).numpy() * 255).round().astype("uint8")
        picture = Image.fromarray(samples_u8)
        return {"tensors": tensors, "picture": picture, "look": self._look(picture)}

    def _look(self, picture: Image.Image) -> dict[str, Tensor]:
        size, crop = self.extractor["size"], self.extractor["crop_size"]
        shortest = min(picture.size)
        resized = picture.resize((int(size * picture.width / shortest), int(size * picture.height / shortest)), Image.BICUBIC)
        left, top = (resized.width - crop) // 2, (resized.height - crop) // 2
        cropped = numpy.asarray(resized.crop((left, top, left + crop, top + crop))).astype("float32") * numpy.float32(1 / 255)
        mean, deviation = (numpy.array(self.extractor[key], "float32") for key in ("image_mean", "image_std"))
        pixels = torch.from_numpy(((cropped - mean) / deviation).transpose(2, 0, 1).copy())
        embeds = nets.clip(self.clip, self.clip_config, pixels[None])[0]
        near = lambda concepts: torch.nn.functional.normalize(concepts) @ torch.nn.functional.normalize(embeds, dim=0)
        return {"pixels": pixels, "embeds": embeds, "concepts": near(self.clip["concept_embeds"]), "special": near(self.clip["special_care_embeds"])}

    @staticmethod
    def _thresholds(looks: list[dict[str, Tensor]], runs: int) -> tuple[Tensor, Tensor]:
        """Such that the first concept flags some of the first `runs` pictures, and one more is flagged through a special one."""
        concepts, special = torch.stack([look["concepts"] for look in looks]), torch.stack([look["special"] for look in looks])
        limits, special_limits = concepts.max(0).values + 0.1, special.max(0).values + 0.1
        ordered = concepts[:, 0].sort().values
        middles = (ordered[1:] + ordered[:-1]) / 2
        drawn = (concepts[:runs, 0] > middles[:, None]).sum(1)
        gaps = torch.where((drawn > 0) & (drawn < runs - 2), ordered[1:] - ordered[:-1], -1.0)
        limits[0] = middles[gaps.argmax()]
        # The picture that leads most in a special concept, of those not flagged, gets flagged through it: there a concept is
        # missed by less than what it becomes stricter by, and no other picture comes near that limit.
        best, second = special.topk(2, 0).values
        lead = torch.where(concepts[special.argmax(0), 0] < limits[0] - 2 * STRICTER, best - second, -1.0)
        chosen = lead.argmax()
        special_limits[chosen] = (best[chosen] + second[chosen]) / 2
        row = special[:, chosen].argmax()
        tight = concepts[row] + STRICTER / 2
        beside = torch.cat((concepts[:row], concepts[row + 1 :])) - tight
        room = torch.where((beside > 0).sum(0) <= 1, beside.abs().min(0).values, 0.0)
        room[0] = 0.0
        limits[room.argmax()] = tight[room.argmax()]
        return limits, special_limits

    @staticmethod
    def _verdict(look: dict[str, Tensor], thresholds: Tensor, special: Tensor) -> dict:
        stricter, clear = 0.0, 1.0
        for cosine, threshold in zip(look["special"].tolist(), special.tolist()):
            score = cosine - threshold + stricter
            clear = min(clear, abs(score))
            stricter = STRICTER if round(score, 3) > 0 else stricter
        scores = [cosine - threshold + stricter for cosine, threshold in zip(look["concepts"].tolist(), thresholds.tolist())]
        if min(clear, *map(abs, scores)) < CLEAR:
            raise ValueError(f"a cosine is only {min(clear, *map(abs, scores)):.4f} from its threshold: take another seed")
        return {"flagged": any(round(score, 3) > 0 for score in scores), "concept_cosines": look["concepts"].tolist(),
                "special_cosines": look["special"].tolist()}
