"""The safety checker that some models come with: it tells, and what becomes of the picture is decided elsewhere.

Read when it is first asked, since it is larger than many a model. Imported only in the child.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from PIL import Image
from transformers import AutoImageProcessor


class SafetyChecker:
    """The checker of one model folder, in float32 on the CPU: it looks once a picture."""

    def __init__(self, folder: Path) -> None:
        self._look = AutoImageProcessor.from_pretrained(folder / "feature_extractor", local_files_only=True)
        self._model: Any = (
            StableDiffusionSafetyChecker.from_pretrained(
                folder / "safety_checker", local_files_only=True, use_safetensors=True, dtype=torch.float32
            )
            .eval()
            .requires_grad_(False)
        )

    def is_unsafe(self, image: Image.Image) -> bool:
        """Whether the checker would not show the picture."""
        pixels = self._look(image, return_tensors="pt").pixel_values
        unused = np.zeros((1, 1, 1, 3))  # it would be painted black
        return bool(self._model(clip_input=pixels, images=unused)[1][0])
