"""What the reference makes of a set's checkpoints, in the files that `emu conformance` reads."""

import json
from functools import cache, cached_property
from pathlib import Path
from random import Random

import numpy
import torch
from PIL import Image
from torch import Tensor

from . import nets
from .files import read_weights, write_json, write_tensors
from .pndm import Pndm
from .search import Wishes, beams, greedy, processed
from .text import BOS, EOS, Tokenizer

MODELS = ("pretrain", "instruct")
# Greedy answers of a smaller margin are left out: rounding may decide them.
MARGIN = 2e-3
MEAN, DEVIATION = numpy.array([0.48145466, 0.4578275, 0.40821073]), numpy.array([0.26862954, 0.26130258, 0.27577711])
CANDIDATES = ["a red circle", "two blue squares", "no, it is a very large green star", "yes.", "a star below a circle"]


class Emu:
    """One checkpoint of the set."""

    def __init__(self, root: Path, model: str):
        base = root / "emu-tiny"
        self.cases = root / "cases"
        self.tokenizer = Tokenizer(base / "llama_config" / "tokenizer.model", model == "instruct")
        place = base / "multimodal_encoder" if model == "pretrain" else root / "emu-tiny-instruct" / "Emu-instruct.pt"
        self.w = read_weights(place)
        self.vision = json.loads((base / "Emu-tiny.json").read_text())["vision_cfg"]
        self.former = json.loads((base / "t5_config.json").read_text())
        self.llama = json.loads((base / "llama_config" / "config.json").read_text())
        self.table = self.w["decoder.lm.model.embed_tokens.weight"]
        self.queries = self.w["cformer.causal_tokens"].shape[1]
        self.image = self.tokenizer.picture(self.queries)

    def resized(self, name: str) -> numpy.ndarray:
        side = self.vision["image_size"]
        return numpy.asarray(Image.open(self.cases / "inputs" / f"{name}.png").convert("RGB").resize((side, side), Image.BICUBIC))

    def pixels(self, name: str) -> Tensor:
        return torch.from_numpy(((self.resized(name) / 255 - MEAN) / DEVIATION).transpose(2, 0, 1).astype("float32"))

    @cache
    def seen(self, name: str) -> Tensor:
        features = nets.vit(self.w, self.vision, self.pixels(name)[None])[-1]
        return nets.causal_former(self.w, self.former, features)[1][0]

    def embedded(self, text: str, images: list[str]) -> tuple[list[int], Tensor]:
        ids = self.tokenizer.with_bos(text)
        x = self.table[ids].clone()
        slots = torch.tensor(ids) == self.tokenizer.special["<image>"]
        if images:
            x[slots] = torch.cat([self.seen(name) for name in images])
        return ids, x

    def hidden(self, x: Tensor) -> Tensor:
        return nets.llama(self.w, self.llama, x)[-1]

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.w["decoder.lm.lm_head.weight"].T

    def scorer(self, text: str, images: list[str]):
        prompt = self.embedded(text, images)[1]
        return lambda ids: self.logits(self.hidden(torch.cat((prompt, self.table[ids])))[-1])

    def imagine(self, text: str, images: list[str]) -> Tensor:
        """Embeddings of the picture that follows, [queries, d]."""
        x, made = self.embedded(text + "[IMG]", images)[1], []
        for _ in range(self.queries):
            made.append(self.hidden(x)[-1] @ self.w["decoder.lm.stu_regress_head.weight"].T)
            x = torch.cat((x, made[-1][None]))
        return torch.stack(made)


class Cases:
    def __init__(self, root: Path, seed: int, fresh: bool):
        """`fresh`: the checkpoints are made here, so the safety checker's thresholds are still to be set."""
        self.root, self.cases, self.seed, self.fresh = root, root / "cases", seed, fresh
        self.random = Random(seed)

    @cached_property
    def emu(self) -> dict[str, Emu]:
        return {model: Emu(self.root, model) for model in MODELS}

    def write(self) -> None:
        for stage in (self.inputs, self.tokenizer, self.preprocess, self.vision, self.llm, self.processors, self.generate,
                      self.predict, self.generate_image, self.diffusion):
            print(stage.__name__, flush=True)
            stage()

    def inputs(self) -> None:
        sizes = {"dog": (301, 211), "cat": (90, 131), "hen": (40, 64), "ant": (112, 112), "ray": (133, 97)}
        modes = {"hen": "L", "ant": "P", "ray": "RGBA"}
        (self.cases / "inputs").mkdir(parents=True, exist_ok=True)
        for i, (name, (width, height)) in enumerate(sizes.items()):
            noise = numpy.random.default_rng([self.seed, i])
            coarse = Image.fromarray(noise.integers(0, 256, (7, 9, 3), dtype=numpy.uint8)).resize((width, height), Image.BICUBIC)
            grain = noise.integers(-20, 21, (height, width, 3))
            picture = Image.fromarray(numpy.clip(numpy.asarray(coarse) + grain, 0, 255).astype(numpy.uint8))
            if modes.get(name) == "RGBA":
                picture.putalpha(Image.fromarray(noise.integers(0, 256, (height, width), dtype=numpy.uint8)))
            elif name in modes:
                picture = picture.convert(modes[name])
            picture.save(self.cases / "inputs" / f"{name}.png")
        index = lambda total, count: [int(i) for i in int((total - 1) / count / 2) + numpy.round((total - 1) / count * numpy.arange(count))]
        shown = [{"num_frames": n, "num_segments": s, "index": index(n, s)} for n in (1, 5, 30, 99, 693) for s in (1, 4, 8, 16)]
        write_json(self.cases / "inputs" / "video.json", {"video": shown[-2], "get_index": shown})

    def tokenizer(self) -> None:
        texts = ["", " ", "a", "A red circle.", "  two  spaces ", "[IMG]The", "x [IMG] y", "a\n[/IMG]\nb", "[USER]: hi [ASSISTANT]:",
                 "<s>a</s>", "<unk>", "[PAD] [PAD]", "<0x41>", "\u2581x", "na\u00efve \u732b \U0001f642", "tab\there", "[IMG][/IMG]", "<image> <image>"]
        tokens = {model: emu.tokenizer for model, emu in self.emu.items()}
        encode, decode = [], []
        for text in texts:
            one = {"text": text}
            for model, t in tokens.items():
                ids = t.with_bos(text)
                one[model] = {"input_ids": ids, "ids_no_bos": ids[1:], "decoded_skip_special": t.decode(ids)}
            encode.append(one)
        size = tokens["pretrain"].pieces.vocab_size()
        for _ in range(20):
            ids = [self.random.randrange(size + 4) for _ in range(self.random.randrange(1, 8))]
            decode.append({"ids": ids, **{model: t.decode(ids) for model, t in tokens.items()}})
        batches = {}
        # The reference's evaluation pads to the left with the instruct model; nothing says that others do not.
        for side, model in (("left", "pretrain"), ("right", "instruct")):
            t, rows = tokens[model], ["[USER]: a red circle [ASSISTANT]:", "hi", ""]
            ids = [t.with_bos(row) for row in rows]
            longest = max(map(len, ids))
            pad = lambda row, filler: [filler] * (longest - len(row)) + row if side == "left" else row + [filler] * (longest - len(row))
            batches["batch_" + side] = {
                "texts": rows, "input_ids": [pad(row, t.special["[PAD]"]) for row in ids],
                "attention_mask": [pad([1] * len(row), 0) for row in ids],
            }
        specials = {model: t.special for model, t in tokens.items()}
        write_json(self.cases / "tokenizer" / "cases.json", {"special_ids": specials, "encode": encode, "decode": decode, **batches})

    def preprocess(self) -> None:
        emu, rows, tensors, facts = self.emu["pretrain"], [0, 1, 50, 111], {}, {}
        for name in ("dog", "cat", "hen", "ant", "ray"):
            pixels = emu.pixels(name)[None]
            tensors[f"{name}.process_img_rows_" + "_".join(map(str, rows))] = pixels[:, :, rows]
            tensors[f"{name}.resized_u8"] = torch.from_numpy(emu.resized(name).copy())
            facts[name] = {"mean": pixels.mean().item(), "std": pixels.std().item()}
        tensors["dog.process_img"] = emu.pixels("dog")[None]
        write_tensors(self.cases / "preprocess" / "preprocess.safetensors", tensors)
        write_json(self.cases / "preprocess" / "preprocess.json", facts)

    def vision(self) -> None:
        names, emu = ["dog", "cat"], self.emu["pretrain"]
        pixels = torch.stack([emu.pixels(name) for name in names])
        patches, *blocks, last = nets.vit(emu.w, emu.vision, pixels)
        former, embeddings = nets.causal_former(emu.w, emu.former, last)
        tensors = {"patch_embed_image0": patches[:1], "forward_features": blocks[-1], "ln_visual": last[:1], "cformer": embeddings,
                   "cformer_final_norm": former[-1], "t5_self_attn_bias_plus_mask": nets.position_bias(emu.w, emu.former, emu.queries)}
        tensors |= {f"block_{i}": block[:1] for i, block in enumerate(blocks)}
        tensors |= {f"cformer_block_{i}": block for i, block in enumerate(former[:-1])}
        tensors["instruct.cformer"] = torch.stack([self.emu["instruct"].seen(name) for name in names])
        write_tensors(self.cases / "vision" / "vision.safetensors", tensors)
        write_json(self.cases / "vision" / "vision.json", {"images": names})

    def llm(self) -> None:
        facts = {}
        for model, emu in self.emu.items():
            prompt, images = f"a picture of {emu.image} and then{emu.image}is", ["dog", "cat"]
            ids, x = emu.embedded(prompt, images)
            *layers, normed = nets.llama(emu.w, emu.llama, x)
            logits = emu.logits(normed)
            top = logits.topk(10)
            where = torch.tensor([3, 20, len(ids) - 1])
            tensors = {"input_ids": torch.tensor([ids]), "inputs_embeds": x[None], "final_norm_hidden": normed[None],
                       "regress_head": (normed @ emu.w["decoder.lm.stu_regress_head.weight"].T)[None], "logits": logits[where],
                       "logits_positions": where, "logits_argmax": logits.argmax(-1), "logits_logsumexp": logits.logsumexp(-1),
                       "logits_top10_ids": top.indices.int(), "logits_top10_values": top.values}
            tensors |= {f"layer_{i}_out": layer[None] for i, layer in enumerate(layers)}
            write_tensors(self.cases / "llm" / f"llm_{model}.safetensors", tensors)
            facts[model] = {"prompt": prompt, "images": images}
        write_json(self.cases / "llm" / "llm.json", facts)

    def processors(self) -> None:
        scores = 2 * torch.randn(2, 12, generator=torch.Generator().manual_seed(self.seed))
        ids = [[1, 5, 7, 5, 7, 9, 5, 7], [1, 2, 3, 4, 3, 4, 11, 3]]
        done = {"repetition_penalty=1.3": Wishes(repetition_penalty=1.3), "repetition_penalty=0.8": Wishes(repetition_penalty=0.8),
                "min_length=8": Wishes(min_length=8), "min_length=9": Wishes(min_length=9)}
        done |= {f"no_repeat_ngram_size={n}": Wishes(no_repeat_ngram_size=n) for n in (1, 2, 3)}
        outputs = {name: [processed(row, past, wishes) for row, past in zip(scores, ids)] for name, wishes in done.items()}
        outputs["temperature=0.7"] = list(scores / 0.7)
        outputs["top_k=4"] = [row.masked_fill(row < row.topk(4).values[-1], float("-inf")) for row in scores]
        for share in (0.9, 0.3):
            outputs[f"top_p={share}"] = [self._nucleus(row, share) for row in scores]
        plain = lambda rows: [[None if v == float("-inf") else v for v in row.tolist()] for row in rows]
        cases = [{"processor": name, "output": plain(rows)} for name, rows in outputs.items()]
        write_json(self.cases / "generate" / "logits_processors.json", {"input_ids": ids, "scores": scores.tolist(), "eos": EOS, "cases": cases})

    @staticmethod
    def _nucleus(row: Tensor, share: float) -> Tensor:
        order = row.argsort(descending=True)
        before = row[order].softmax(-1).cumsum(-1) - row[order].softmax(-1)
        kept = torch.full_like(row, float("-inf"))
        chosen = order[before < share]
        kept[chosen] = row[chosen]
        return kept

    def generate(self) -> None:
        cases = []
        ways = {"greedy": Wishes(), "greedy.rep1.3": Wishes(repetition_penalty=1.3), "greedy.ngram2": Wishes(no_repeat_ngram_size=2),
                "greedy.min15": Wishes(min_length=15), "beam5.lp0": Wishes(5, min_length=8), "beam5.lp-1": Wishes(5, min_length=8, length_penalty=-1.0),
                "beam5.lp1.max40": Wishes(5, max_new_tokens=40, length_penalty=1.0), "beam3.n3": Wishes(3, num_captions=3, length_penalty=-1.0),
                "beam4.rep1.3.ngram2": Wishes(4, repetition_penalty=1.3, no_repeat_ngram_size=2)}
        for model, emu in self.emu.items():
            system = "You see [IMG]ImageContent[/IMG]. [USER]: " if model == "instruct" else ""
            answer = " [ASSISTANT]:" if model == "instruct" else ""
            prompts = {"text": (f"{system}once there was a circle{answer}", []), "image": (f"{system}{emu.image}what is it{answer}", ["dog"]),
                       "two": (f"{system}{emu.image}a red star. {emu.image}{answer}", ["cat", "ray"])}
            for what, (prompt, images) in prompts.items():
                for how, wishes in ways.items():
                    cases += self._generated(f"{model}.{what}.{how}", model, [prompt], images, wishes)
            pair = [prompts["image"][0], prompts["text"][0]]
            cases += self._generated(f"{model}.batch2.greedy", model, pair, ["dog"], Wishes())
            cases += self._generated(f"{model}.batch2.beam5", model, pair, ["dog"], Wishes(5, length_penalty=-1.0))
            allowed = tuple((*emu.tokenizer.encode(text), EOS) for text in CANDIDATES)
            cases += self._generated(f"{model}.trie", model, [prompts["image"][0]], ["dog"], Wishes(5, max_new_tokens=50, allowed=allowed))
        write_json(self.cases / "generate" / "generate.json", cases)

    def _generated(self, name: str, model: str, prompts: list[str], images: list[str], wishes: Wishes) -> list[dict]:
        emu, left, answers, margin = self.emu[model], list(images), [], float("inf")
        for prompt in prompts:
            count = prompt.count(emu.image)
            score = emu.scorer(prompt, left[:count])
            left = left[count:]
            if wishes.num_beams == 1:
                ids, least = greedy(score, wishes)
                margin = min(margin, least)
                answers.append((0.0, ids))
            else:
                answers += beams(score, wishes)
        if margin < MARGIN:
            print(f"  {name} left out: a margin of {margin:.1e}")
            return []
        longest = max(len(ids) for _, ids in answers)
        pad = emu.tokenizer.special["[PAD]"]
        params = {key: value for key, value in vars(wishes).items() if key != "allowed"} | {"do_sample": False}
        case = {"name": name, "model": model, "prompt": prompts if len(prompts) > 1 else prompts[0], "images": images, "params": params,
                "sequences": [ids + [pad] * (longest - len(ids)) for _, ids in answers], "text": [emu.tokenizer.decode(ids) for _, ids in answers]}
        if wishes.num_beams > 1:
            case["sequences_scores"] = [value for value, _ in answers]
        if wishes.allowed:
            case["allowed_sequences"] = wishes.allowed
        return [case]

    def predict(self) -> None:
        cases = []
        for model, emu in self.emu.items():
            for prompt, images in ((f"{emu.image}what is it", ["dog"]), ("once there was", [])):
                for segments in (1, 2, 3):
                    losses = self._losses(emu, prompt, images, segments)
                    ranks = sorted(range(len(losses)), key=losses.__getitem__)
                    cases.append({"model": model, "prompt": prompt, "images": images, "candidates": CANDIDATES, "n_segments": segments,
                                  "losses": losses, "ranks": [ranks], "candidate_ids": [emu.tokenizer.encode(c) for c in CANDIDATES]})
        write_json(self.cases / "predict" / "predict.json", cases)

    @staticmethod
    def _losses(emu: Emu, prompt: str, images: list[str], segments: int) -> list[float]:
        start = emu.embedded(prompt, images)[1]
        ids = [emu.tokenizer.encode(candidate) for candidate in CANDIDATES]
        size, losses = len(ids) // segments, []
        for k, one in enumerate(ids):
            segment = min(k // size, segments - 1)
            end = len(ids) if segment == segments - 1 else (segment + 1) * size
            longest = max(len(other) for other in ids[segment * size : end])
            rows = emu.logits(emu.hidden(torch.cat((start, emu.table[one]))))[len(start) - 1 : -1].log_softmax(-1)
            loss = -rows[torch.arange(len(one)), torch.tensor(one)].sum().item()
            losses.append(loss / (len(start) + longest - 1))
        return losses

    def generate_image(self) -> None:
        emu = self.emu["pretrain"]
        inputs = {"text": ["a red circle beside a star."], "blend": [{"image": "cat"}, {"image": "ray"}],
                  "context": ["the first: ", {"image": "dog"}, "the second: ", {"image": "hen"}, " both of them"]}
        none, embeddings, facts = emu.imagine("", []), {}, {}
        for name, parts in inputs.items():
            text = "".join(part if isinstance(part, str) else emu.image for part in parts)
            made = emu.imagine(text, [part["image"] for part in parts if isinstance(part, dict)])
            embeddings[name] = torch.stack((made, none))
            facts[name] = {"inputs": parts, "shape": list(embeddings[name].shape)}
        embeddings["text_nocfg"] = embeddings["text"][:1].clone()
        write_tensors(self.cases / "generate_image" / "embeds.safetensors", embeddings)
        write_json(self.cases / "generate_image" / "generate_image.json", facts)
        self.embeddings = embeddings

    def diffusion(self) -> None:
        from .pictures import Pictures

        Pictures(self.root, self.seed, self.embeddings).write(self.fresh)
