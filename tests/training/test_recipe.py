"""A recipe explains its numbers and refuses what can't work."""

from __future__ import annotations

import dataclasses

import pytest

from thau_desktop.settings import Training
from thau_desktop.training.recipe import Recipe, RecipeError, preset


def test_the_defaults_are_the_documented_ones() -> None:
    recipe = preset("facts")
    assert (recipe.epochs, recipe.learning_rate, recipe.batch_size) == (3, 2e-4, 2)
    assert (recipe.lora_r, recipe.lora_alpha, recipe.context_length) == (32, 64, 2048)
    tools = preset("tools")
    assert (tools.epochs, tools.learning_rate, tools.gradient_accumulation) == (3, 5e-5, 4)


def test_the_settings_are_followed() -> None:
    recipe = preset("facts", Training(epochs_per_training=5, learning_rate=1e-3))
    assert (recipe.epochs, recipe.learning_rate) == (5, 1e-3)


def test_every_number_says_what_it_is() -> None:
    assert all(field.metadata["about"] for field in dataclasses.fields(Recipe))


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"epochs": 0}, "epochs. It must be from 1 to 1000"),
        ({"epochs": 2.5}, "epochs. It must be of the kind int"),
        ({"epochs": True}, "epochs. It must be of the kind int"),
        ({"learning_rate": 1}, "learning_rate. It must be from 1e-08 to 0.1"),
        ({"schedule": "zigzag"}, "schedule. It must be one of: cosine, linear, constant"),
        ({"packing": 1}, "packing. It must be of the kind bool"),
    ],
)
def test_what_can_not_work_is_refused(values: dict[str, object], what: str) -> None:
    with pytest.raises(RecipeError, match=what):
        Recipe().changed(**values)
    with pytest.raises(RecipeError, match="no recipe named"):
        preset("magic")
