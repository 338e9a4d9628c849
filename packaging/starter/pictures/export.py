"""Puts the trained parts together as a diffusers pipeline in fp16, with its manifest and model card.

    python packaging/starter/pictures/export.py --work build/starter-image --output build/starter-image/model

Run again after `python -m tests.benchmarks.starter_pictures --model … --work build/starter-image`, it puts the scores and the
sheet of pictures, which that leaves in the work folder, into the card.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from networks import GUIDANCE, LATENTS, NATIVE, PROMPT, STEPS, scheduler
from transformers import CLIPTextModel, CLIPTokenizer

NAME, TITLE = "thau-image-v1", "THAU image"
SIZES = ((256, 256), (384, 384), (512, 512), (384, 256), (256, 384), (512, 384), (384, 512))  # the native one first
SCORES = {"subject": "asked subject found", "color": "asked colour found", "place": "asked place found"}
BOUNDS = {"subject": 80, "color": 85, "place": 80}
CARD = Path(__file__).with_name("card.md")


def pipeline_of(work: Path) -> StableDiffusionPipeline:
    """The parts in `work` as a pipeline in float32."""
    return StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(work / "vae"), text_encoder=CLIPTextModel.from_pretrained(work / "text_encoder"),
        tokenizer=CLIPTokenizer.from_pretrained(work / "tokenizer"), unet=UNet2DConditionModel.from_pretrained(work / "unet"),
        scheduler=scheduler(), safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )


def export(work: Path, output: Path) -> None:
    """Write the model folder, over what is there."""
    shutil.rmtree(output, ignore_errors=True)
    pipe = pipeline_of(work).to(dtype=torch.float16)
    pipe.save_pretrained(output)
    sheet = work / "sheet.jpg"
    if sheet.exists():
        shutil.copy(sheet, output / sheet.name)
    (output / "README.md").write_text(card(pipe, work), encoding="utf-8")
    hashes = {file.relative_to(output).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
              for file in sorted(output.rglob("*")) if file.suffix in (".json", ".safetensors")}
    manifest = {"name": NAME, "title": TITLE, "kind": "image", "sizes": SIZES, "steps": STEPS, "guidance": GUIDANCE, "enlarges": True, "license": "MIT", "sha256": hashes}
    (output / "thau.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for path in [output, *output.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)  # safetensors writes 0600, and other users of an installed copy read it too


def card(pipe: StableDiffusionPipeline, work: Path) -> str:
    """The model card."""
    size = {name: sum(p.numel() for p in getattr(pipe, name).parameters()) / 1e6 for name in ("text_encoder", "unet", "vae")}
    values = {
        "name": NAME, "native": NATIVE, "latents": LATENTS, "prompt": PROMPT, "vocabulary": f"{len(pipe.tokenizer):,}",
        "channels": ", ".join(str(c) for c in pipe.unet.config.block_out_channels), "steps": STEPS, "guidance": GUIDANCE,
        "scores": scores(work), "sheet": "![48 pictures](sheet.jpg)" if (work / "sheet.jpg").exists() else "Not drawn yet.", "runs": runs(work),
        "megabytes": f"{2 * sum(size.values()):.0f}", **{f"{part}_size": f"{millions:.1f}" for part, millions in size.items()},
    }
    return CARD.read_text(encoding="utf-8").format(**values)


def scores(work: Path) -> str:
    """The rows of the card's table of scores."""
    if not (work / "scores.json").exists():
        return "| not measured yet | | | |"
    found = json.loads((work / "scores.json").read_text(encoding="utf-8"))
    return "\n".join(f"| {words} | {BOUNDS[head]}% | **{found['found'][head]:.1%}** | {found['judge'][head]:.1%} |" for head, words in SCORES.items())


def runs(work: Path) -> str:
    """The rows of the card's table of training: what was seen in how many steps."""
    rows = []
    for name in ("vae", "painter", "classifier"):
        if (work / f"{name}.jsonl").exists():
            last = json.loads((work / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[-1])
            rows.append(f"| {name} | {last['samples']:,} | {last['step']:,} | {last['loss']} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/starter-image"))
    parser.add_argument("--output", type=Path, default=Path("build/starter-image/model"))
    options = parser.parse_args()
    export(options.work, options.output)
    print(f"{options.output}: {sum(f.stat().st_size for f in options.output.rglob('*') if f.is_file()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
