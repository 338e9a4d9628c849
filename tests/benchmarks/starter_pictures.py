"""What the starter image model draws of what it is asked for: 200 combinations that its training never saw.

    python -m tests.benchmarks.starter_pictures [--model FOLDER] [--work FOLDER] [--count N] [--guidance G] [--side S]

The judge is a classifier that learned from drawn pictures alone (`packaging/starter/pictures/classifier.py`), and its
own accuracy on drawn pictures of held-out combinations stands beside the figures. With `--work` the scores and a sheet
of 48 pictures are left there for the model card.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.report import Figure, Unavailable

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "packaging" / "starter" / "pictures"
MODEL = ROOT / "resources" / "starter" / "thau-image-v1"
WORK = ROOT / "build" / "starter-image"
BOUNDS = {"subject": 80, "color": 85, "place": 80}  # %
JUDGE = 95  # % that the judge must be right about drawn pictures
STEPS = 20
SECONDS = 12  # a picture of 256 × 256 in 20 steps on two free cores
BATCH = 10


@dataclass(frozen=True)
class Asked:
    """A prompt and what a picture of it must show."""

    prompt: str
    subject: str
    color: str
    place: str
    seed: int


class Drawing:
    """The pipeline of a model folder, on the CPU or on a GPU."""

    def __init__(self, folder: Path, guidance: float = 0.0, side: int = 256) -> None:
        import torch
        from diffusers import StableDiffusionPipeline
        from diffusers.utils.logging import disable_progress_bar

        disable_progress_bar()
        torch.set_num_threads(1)  # as the app draws with small models; more wait for one another beside another program
        self.torch, self.side = torch, side
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self.pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32).to(device)
        self.pipe.set_progress_bar_config(disable=True)
        manifest = json.loads((folder / "thau.json").read_text(encoding="utf-8"))
        self.guidance = guidance or float(manifest["guidance"])

    def draw(self, asked: list[Asked], steps: int = STEPS) -> Any:
        """Pictures `(n, rows, columns, 3)` of bytes; each from its own seed, whatever else is in the batch."""
        import numpy as np

        generators = [self.torch.Generator("cpu").manual_seed(each.seed) for each in asked]
        images = self.pipe(
            [each.prompt for each in asked],
            num_inference_steps=steps,
            guidance_scale=self.guidance,
            width=self.side,
            height=self.side,
            generator=generators,
            output_type="np",
        ).images
        return self.torch.from_numpy((np.clip(images, 0, 1) * 255).round().astype(np.uint8))


def held_out(count: int, seed: int) -> list[Asked]:
    """Prompts for combinations that training never saw, which say subject, colour and place."""
    scenes, rng = _package("scenes"), random.Random(seed)
    asked: dict[tuple[str, str, str], Asked] = {}
    while len(asked) < count:
        scene = scenes.random_scene(rng)
        combination = (scene.subject, scene.color, scene.place)
        if not scenes.held_out(scene) or combination in asked:
            continue
        for _ in range(20):
            text = scenes.prompt(scene, rng)
            reading = scenes.read(text)
            if (reading.subject, reading.color, reading.place) == combination:
                asked[combination] = Asked(text, *combination, seed=rng.randrange(2**31))
                break
    return list(asked.values())


def found(drawing: Drawing, judge: Any, asked: list[Asked]) -> tuple[dict[str, float], list[dict[str, str]]]:
    """The share of pictures in which the judge finds what was asked for, and what it said of each."""
    said: list[dict[str, str]] = []
    for start in range(0, len(asked), BATCH):
        said += judge.says(drawing.draw(asked[start : start + BATCH]))
    right = {
        head: sum(says[head] == getattr(each, head) for each, says in zip(asked, said, strict=True)) for head in BOUNDS
    }
    return {head: hits / len(asked) for head, hits in right.items()}, said


def sheet(drawing: Drawing, path: Path, columns: int = 8, rows: int = 6) -> None:
    """The pictures of the first 48 held-out prompts, with what was asked for, none left out."""
    from PIL import Image, ImageDraw, ImageFont

    asked, cell, line = held_out(columns * rows, seed=48), 192, 30
    made = Image.new("RGB", (columns * cell, rows * (cell + line)), "white")
    pen, font = ImageDraw.Draw(made), ImageFont.load_default(11)
    for start in range(0, len(asked), columns):
        pictures = drawing.draw(asked[start : start + columns])
        for column, (each, picture) in enumerate(zip(asked[start : start + columns], pictures, strict=True)):
            x, y = column * cell, start // columns * (cell + line)
            image = Image.fromarray(picture.numpy()).resize((cell - 4, cell - 4), Image.Resampling.LANCZOS)
            made.paste(image, (x + 2, y + 2))
            pen.multiline_text((x + 3, y + cell), _folded(each.prompt), fill="black", font=font, spacing=1)
    made.save(path, quality=88)


def measure(
    quick: bool, model: Path = MODEL, work: Path = WORK, keep: bool = False, **options: Any
) -> Iterator[Figure]:
    """Percents of pictures that show what was asked for, and seconds a picture."""
    if not (model / "model_index.json").exists():
        raise Unavailable(f"no image model in {model}")
    if not (work / "classifier.safetensors").exists():
        raise Unavailable(f"no judge in {work}: make starter-image")
    classifier = _package("classifier")
    judge = classifier.Classifier.load(work / "classifier.safetensors")
    count = options.pop("count", 200)
    drawing = Drawing(model, **options)
    accuracy = classifier.accuracy(judge, 60 if quick else 600, seed=2)
    for head, share in accuracy.items():
        yield Figure(f"the judge is right about drawn pictures: {head}", 100 * share, "%", least=JUDGE)
    asked = held_out(20 if quick else count, seed=200)
    one = asked[:1]
    drawing.draw(one, steps=2)
    began = time.perf_counter()
    drawing.draw(one)
    yield Figure(
        "a picture in 20 steps", time.perf_counter() - began, "s", most=SECONDS, note=f"{drawing.side} × {drawing.side}"
    )
    shares, _said = found(drawing, judge, asked)
    for head, share in shares.items():
        yield Figure(f"{head} found in {len(asked)} pictures", 100 * share, "%", least=BOUNDS[head])
    if keep:
        (work / "scores.json").write_text(json.dumps({"found": shares, "judge": accuracy}, indent=1))
        sheet(drawing, work / "sheet.jpg")


def main() -> int:
    """Print the figures."""
    from tests.benchmarks.report import report

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--work", type=Path, default=None, help="where the judge is and the scores and the sheet go")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--guidance", type=float, default=0.0, help="0: the model's own")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    extra = {"count": options.count, "guidance": options.guidance, "side": options.side}
    result = report(
        "pictures",
        lambda quick: measure(quick, options.model, options.work or WORK, keep=options.work is not None, **extra),
        options.quick,
    )
    return {"failed": 2, "missed": 1}.get(result["status"], 0)


def _package(name: str) -> Any:
    """A module of the starter model's training."""
    import importlib

    if str(PACKAGE) not in sys.path:
        sys.path.insert(0, str(PACKAGE))
    return importlib.import_module(name)


def _folded(text: str, width: int = 34) -> str:
    """Two lines of a prompt."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width, max_lines=2, placeholder=" …"))


if __name__ == "__main__":
    sys.exit(main())
