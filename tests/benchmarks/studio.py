"""Drawing: what the studio takes beside a bare diffusers pipeline, both with the image model in the settings.

Each draws in a child of its own, in turn, so that other work on this machine slows both alike. Studio time counts
from the request to the picture in the gallery.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.report import Figure, Unavailable
from thau_desktop.app import Thau
from thau_desktop.errors import ModelMissing
from thau_desktop.images.request import PictureRequest
from thau_desktop.messages import ImageReady, ModelReady
from thau_desktop.process import Child

SIDE, STEPS, GUIDANCE = 256, 20, 7.5
PROMPT = "a red fox in the snow, watercolour"
SHARE, SECONDS = 1.03, 12.0  # the bounds: of the bare pipeline's time, and of a picture's


class Bare:
    """In a child: a pipeline as its own documentation runs it."""

    def draw(self, folder: Path, threads: int, seed: int, *, cancel: threading.Event) -> Iterator[float]:
        """Yield the seconds that one picture takes, without loading."""
        import torch
        from diffusers import AutoPipelineForText2Image

        if not hasattr(self, "_pipe"):
            torch.set_num_threads(threads)
            self._pipe: Any = AutoPipelineForText2Image.from_pretrained(folder, dtype=torch.float32)
            self._pipe.set_progress_bar_config(disable=True)
        started = time.perf_counter()
        generator = torch.Generator().manual_seed(seed)
        self._pipe(
            PROMPT, height=SIDE, width=SIDE, num_inference_steps=STEPS, guidance_scale=GUIDANCE, generator=generator
        )
        yield time.perf_counter() - started


def measure(quick: bool) -> Iterator[Figure]:
    """Seconds a picture, each the median of several, and their ratio."""
    pictures = 2 if quick else 7
    never = threading.Event()
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as home, Thau(home) as thau:
        try:
            model = thau.image_models.find()
        except ModelMissing as missing:
            raise Unavailable(str(missing)) from missing
        threads = 1

        def draw(seed: int) -> float:
            nonlocal threads
            started = time.perf_counter()
            request = PictureRequest(PROMPT, steps=STEPS, guidance=GUIDANCE, width=SIDE, height=SIDE, seed=seed)
            for event in thau.studio.generate(request, never):
                if isinstance(event, ModelReady):
                    threads = event.threads or threads
                if isinstance(event, ImageReady):
                    return time.perf_counter() - started
            raise AssertionError("no picture was drawn")

        child = Child(Bare, name="bare pipeline")
        try:
            draw(0)  # loads
            list(child.call("draw", model.path, threads, 0, cancel=never))
            ours, bare = list[float](), list[float]()
            for seed in range(pictures):
                bare.extend(child.call("draw", model.path, threads, seed, cancel=never))
                ours.append(draw(seed))
        finally:
            child.close()
    what = f"{SIDE} × {SIDE}, {STEPS} steps, {threads} threads"
    yield Figure(f"bare pipeline: {what}", statistics.median(bare), "s", note=f"best {min(bare):.2f}")
    yield Figure(f"studio: {what}", statistics.median(ours), "s", most=SECONDS, note=f"best {min(ours):.2f}")
    share = statistics.median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    yield Figure(
        "studio's time as a share of the bare pipeline's", share, most=SHARE, note=f"median of {pictures} pairs"
    )
