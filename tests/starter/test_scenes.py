"""The drawn scenes that the starter image model learns from: the generator's promises."""

from __future__ import annotations

import random
import sys
from types import ModuleType

import numpy as np
import pytest

from tests.conftest import ROOT

skia = pytest.importorskip("skia", reason="skia-python draws the training pictures; pip install .[dev]")
FOLDER = ROOT / "packaging" / "starter" / "pictures"


@pytest.fixture(scope="module")
def scenes() -> ModuleType:
    sys.path.insert(0, str(FOLDER))
    try:
        import scenes
    finally:
        sys.path.remove(str(FOLDER))
    return scenes


@pytest.fixture(scope="module")
def some(scenes: ModuleType) -> list:
    rng = random.Random(7)
    return [scenes.random_scene(rng) for _ in range(2000)]


def alone(subject: str, color: str, seed: int) -> np.ndarray:
    """The subject on nothing, (128, 128, 4) with premultiplied alpha."""
    from scenes.brush import Brush, Tones
    from scenes.composition import COLORS, DRAWINGS

    pixels = np.zeros((128, 128, 4), np.uint8)
    canvas = skia.Surface(pixels).getCanvas()
    canvas.translate(14, 14)
    brush = Brush(Tones.of(COLORS[color]), random.Random(seed), outline=1.3)
    DRAWINGS[subject](brush)
    brush.paint(canvas)
    return pixels


def test_there_is_as_much_to_draw_as_promised(scenes: ModuleType) -> None:
    assert len(scenes.SUBJECTS) >= 48
    assert len(scenes.COLORS) == 12
    assert len(scenes.PLACES) >= 15
    assert len(scenes.STYLES) >= 4


def test_the_same_seed_draws_the_same_picture_and_another_seed_another(scenes: ModuleType, some: list) -> None:
    for scene in some[:10]:
        first, again, other = (scenes.draw(scene, random.Random(seed)) for seed in (1, 1, 2))
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


def test_every_subject_place_and_style_is_drawn(scenes: ModuleType) -> None:
    rng = random.Random(3)
    colors, styles = list(scenes.COLORS), scenes.STYLES
    rows = max(len(scenes.SUBJECTS), len(scenes.PLACES) * len(styles))
    for k in range(rows):
        scene = scenes.Scene(
            scenes.SUBJECTS[k % len(scenes.SUBJECTS)],
            colors[k % 12],
            scenes.PLACES[k % len(scenes.PLACES)],
            styles[k // len(scenes.PLACES) % len(styles)],
            k % 6 + 1,
        )
        picture = scenes.draw(scene, rng, side=128)
        assert picture.shape == (128, 128, 3)
        assert picture.dtype == np.uint8
        assert picture.std() > 4


def test_where_the_subjects_stand_is_known(scenes: ModuleType) -> None:
    for place, least in (("in space", 0.05), ("in the snow", 0.05)):
        scene = scenes.Scene("castle", "red", place, "flat illustration", 1)
        picture, where = scenes.draw_and_show(scene, random.Random(4), side=128)
        assert where.shape == (128, 128) and least < where.mean() < 0.75
        red = (picture[..., 0].astype(int) - picture[..., 1:].max(-1)) > 60
        assert where[red].mean() > 0.95  # all of the castle, which is what is red


def test_pictures_come_in_other_sizes(scenes: ModuleType, some: list) -> None:
    for side in (64, 256, 512):
        assert scenes.draw(some[0], random.Random(1), side=side).shape == (side, side, 3)


def test_a_subject_fills_enough_of_its_box_to_be_seen(scenes: ModuleType) -> None:
    for subject in scenes.SUBJECTS:
        for seed in range(3):
            assert (alone(subject, "red", seed)[..., 3] > 200).mean() > 0.04, subject


def test_the_asked_colour_is_the_dominant_one(scenes: ModuleType) -> None:
    from scenes.brush import Tones

    for index, subject in enumerate(scenes.SUBJECTS):
        for color in (list(scenes.COLORS)[index % 12], list(scenes.COLORS)[(index * 5 + 3) % 12]):
            pixels = alone(subject, color, index)
            seen = pixels[pixels[..., 3] == 255][:, :3].astype(int)
            tones = Tones.of(scenes.COLORS[color])
            asked = np.zeros(len(seen), bool)
            for tone in (tones.base, tones.light, tones.dark, tones.deep, tones.pale):
                asked |= np.abs(seen - np.array(tone)).sum(1) < 40
            line = np.abs(seen - np.array(tones.line)).sum(1) < 60
            rest = seen[~asked & ~line] // 32
            largest = np.unique(rest, axis=0, return_counts=True)[1].max(initial=0)
            assert asked.sum() > largest, (subject, color)
            assert asked.mean() > 0.25, (subject, color)


def test_colours_can_be_told_apart_in_the_finished_picture(scenes: ModuleType) -> None:
    names = list(scenes.COLORS)
    table = np.array([scenes.COLORS[name] for name in names])
    for style in scenes.STYLES:
        right = 0
        for k, color in enumerate(names):
            one, other = (
                scenes.draw(scenes.Scene("heart", c, "in the desert", style, 1), random.Random(k)).astype(int)
                for c in (color, names[k - 6])
            )
            heart = one[np.abs(one - other).sum(-1) > 60]
            right += int(np.abs(table - np.median(heart, 0)).sum(1).argmin()) == k
        assert right >= 11, style


def test_scenes_are_spread_over_all_values(scenes: ModuleType, some: list) -> None:
    assert {scene.subject for scene in some} == set(scenes.SUBJECTS)
    assert {scene.color for scene in some} == set(scenes.COLORS)
    assert {scene.place for scene in some} == set(scenes.PLACES)
    assert {scene.style for scene in some} == set(scenes.STYLES)
    assert {scene.count for scene in some} == {1, 2, 3, 4, 5, 6}


def test_a_fixed_four_percent_is_held_out_whatever_its_style(scenes: ModuleType) -> None:
    every = [
        scenes.Scene(s, c, p, scenes.STYLES[0], 1)
        for s in scenes.SUBJECTS
        for c in scenes.COLORS
        for p in scenes.PLACES
    ]
    kept = {scene for scene in every if scenes.held_out(scene)}
    assert 0.03 < len(kept) / len(every) < 0.05
    assert {scene.subject for scene in kept} == set(scenes.SUBJECTS)
    assert {scene.place for scene in kept} == set(scenes.PLACES)
    for scene in list(kept)[:50]:
        assert scenes.held_out(scenes.Scene(scene.subject, scene.color, scene.place, scenes.STYLES[-1], 3))


def test_a_prompt_says_nothing_that_the_picture_does_not_show(scenes: ModuleType, some: list) -> None:
    rng = random.Random(5)
    for scene in some[:800]:
        text = scenes.prompt(scene, rng)
        asked = scenes.read(text)
        assert asked.subject == scene.subject, text
        assert asked.color in (None, scene.color), text
        assert asked.place in (None, scene.place), text
        assert asked.style in (None, scene.style), text


def test_most_prompts_say_the_colour_and_the_place_and_some_leave_them_out(scenes: ModuleType, some: list) -> None:
    rng = random.Random(6)
    asked = [scenes.read(scenes.prompt(scene, rng)) for scene in some[:800]]
    for share in (np.mean([a.color is not None for a in asked]), np.mean([a.place is not None for a in asked])):
        assert 0.75 < share < 0.97


def test_prompts_are_read_as_they_are_meant(scenes: ModuleType) -> None:
    for text, expected in {
        "a red fox in the snow, detailed fur, soft light": ("fox", "red", "in the snow", None, 1),
        "three blue boats at sunset, watercolor painting, soft washes": ("boat", "blue", "at sunset", "watercolor", 3),
        "a crimson galleon on the waves, oil painting, rich brushstrokes": (
            "boat",
            "red",
            "on a lake",
            "oil painting",
            1,
        ),
        "some wolves under the full moon": ("fox", None, "under a starry sky", None, 3),
        "a pink ice cream": ("cake", "pink", None, None, 1),
        "a forest green car in the forest": ("car", "green", "in the forest", None, 1),
        "the orange cat on the sofa, pixel art": ("cat", "orange", "in a room", "pixel art", 1),
    }.items():
        assert scenes.read(text) == scenes.Reading(*expected), text


def test_every_word_of_the_language_model_is_drawn_as_something(scenes: ModuleType) -> None:
    from scenes.composition import DRAWINGS
    from scenes.words import LIKE, NEAREST, place_of, style_of, vocabulary

    words = vocabulary().Vocabulary()
    known = scenes.subject_of()
    assert all(known[noun.english] in scenes.SUBJECTS for noun in words.nouns)
    assert set(LIKE) == set(DRAWINGS) == {*scenes.SUBJECTS, *NEAREST}
    assert set(NEAREST.values()) <= set(scenes.SUBJECTS) and not set(NEAREST) & set(scenes.SUBJECTS)
    assert sum(len(nouns.split(", ")) for nouns in LIKE.values()) > 700
    assert all(place_of(english) in scenes.PLACES for _, english, _ in words.places)
    assert all(style_of(tags) in scenes.STYLES for _, tags in [*words.styles, *words.styles_en])
