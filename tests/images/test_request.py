"""Requests: the settings' numbers, the presets, and the contract's bounds with a sentence for what was moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from thau_desktop.images.request import LARGEST_SEED, PRESETS, PictureRequest, from_settings, within_bounds
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.settings import Settings, SettingsFile

TURBO = InstalledImageModel("quick", Path("quick"), turbo=True, steps=4, guidance=0.0, minimum_steps=1)


def test_the_defaults_are_the_contracts(tmp_path: Path) -> None:
    request = from_settings(Settings(), "a fox")
    assert (request.width, request.height, request.steps, request.guidance) == (512, 512, 30, 7.5)
    assert request == PictureRequest("a fox")
    fast, quality = PRESETS["fast"], PRESETS["quality"]
    assert (fast.width, fast.height, fast.steps) == (384, 384, 20)
    assert (quality.width, quality.height, quality.steps, quality.guidance) == (768, 768, 50, 8.5)


def test_the_preset_counts_then_what_a_person_changed_then_what_is_given(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.toml")
    file.change("images", "preset", "quality")
    settings = file.change("images", "width", 640)
    request = from_settings(settings, "a fox", steps=12, height=None, negative_prompt="rain")
    assert (request.width, request.height, request.steps, request.guidance) == (640, 768, 12, 8.5)
    assert request.negative_prompt == "rain"


def test_of_a_turbo_model_its_makers_numbers_count(tmp_path: Path) -> None:
    request = from_settings(Settings(), "a fox", TURBO)
    assert (request.steps, request.guidance, request.width) == (4, 0.0, 512)
    assert within_bounds(request, TURBO) == (request, ())
    slow, notes = within_bounds(request)
    assert (slow.steps, slow.guidance, len(notes)) == (10, 1.0, 2)


@pytest.mark.parametrize(
    ("given", "kept", "said"),
    [
        ({"steps": 5}, {"steps": 10}, "steps 5"),
        ({"steps": 900}, {"steps": 100}, "100 was used"),
        ({"guidance": 25.0}, {"guidance": 20.0}, "guidance 25"),
        ({"guidance": float("nan")}, {"guidance": 1.0}, "guidance nan"),
        ({"width": 4096}, {"width": 1024}, "width 4096"),
        ({"height": 10}, {"height": 256}, "height 10"),
        ({"width": 500}, {"width": 496}, "multiple of 8: 496"),
        ({"count": 99}, {"count": 16}, "count 99"),
        ({"count": 0}, {"count": 1}, "count 0"),
        ({"strength": 3.0}, {"strength": 1.0}, "strength 3"),
        ({"seed": 1 << 80}, {"seed": LARGEST_SEED - 1}, "seed"),
        ({"scheduler": "magic"}, {"scheduler": ""}, "no scheduler magic"),
    ],
)
def test_what_is_out_of_bounds_is_moved_within_and_said(
    given: dict[str, object], kept: dict[str, object], said: str
) -> None:
    request, notes = within_bounds(replace(PictureRequest("a fox"), **given))  # type: ignore[arg-type]
    assert request == replace(PictureRequest("a fox"), **kept)  # type: ignore[arg-type]
    assert len(notes) == 1 and said in notes[0]


def test_what_is_within_stays_and_nothing_is_said() -> None:
    request = PictureRequest(" a fox ", scheduler="Euler A", seed=-1)
    kept, notes = within_bounds(request)
    assert (kept.prompt, kept.scheduler, kept.seed, notes) == ("a fox", "euler a", None, ())
