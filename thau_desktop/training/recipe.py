"""How a training goes: the numbers that a person may choose, each with its meaning, unit and bounds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin, get_type_hints

from thau_desktop.errors import ThauError
from thau_desktop.settings import Training
from thau_desktop.translation import N_, _

Schedule = Literal["cosine", "linear", "constant"]


_SETTINGS = {  # what people set, by what a recipe calls it
    "epochs": "epochs_per_training",
    "learning_rate": "learning_rate",
    "batch_size": "batch_size",
    "lora_r": "lora_r",
    "lora_alpha": "lora_alpha",
    "context_length": "max_context_length",
}


class RecipeError(ThauError):
    """A number of a recipe can't be used."""


def _number(default: Any, about: str, least: float, most: float) -> Any:
    return field(default=default, metadata={"about": about, "least": least, "most": most})


def _choice(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True)
class Recipe:
    """Checks itself when it is made: raises `RecipeError` with the bounds of the number that is out of them.

    The effective batch is `batch_size * gradient_accumulation` examples a step (and process).
    """

    name: str = _choice("facts", N_("Which preset it began as"))
    epochs: int = _number(3, N_("Times that each example is seen"), 1, 1000)
    learning_rate: float = _number(2e-4, N_("How far each step moves the weights"), 1e-8, 0.1)
    batch_size: int = _number(2, N_("Examples at a time"), 1, 256)
    gradient_accumulation: int = _number(1, N_("Batches a step"), 1, 1024)
    lora_r: int = _number(32, N_("Rank of the adapter: how much it can hold"), 1, 512)
    lora_alpha: int = _number(64, N_("Strength of the adapter"), 1, 1024)
    lora_dropout: float = _number(0.0, N_("Share of the adapter's input that is left out at random"), 0.0, 0.9)
    schedule: Schedule = _choice("cosine", N_("How the learning rate falls"))  # noqa: RUF009 - a field
    warmup_share: float = _number(0.05, N_("Share of the steps in which the learning rate rises"), 0.0, 0.5)
    weight_decay: float = _number(0.0, N_("Pull of the weights towards zero"), 0.0, 1.0)
    max_gradient_norm: float = _number(1.0, N_("Longest gradient of a step"), 0.01, 1000.0)
    packing: bool = _choice(False, N_("Several short examples in one row"))
    from_base: bool = _choice(False, N_("Begin from the bare base, with everything that was learned"))
    answers_only: bool = _choice(True, N_("Learn the answers only, not the questions"))
    wordings: int = _number(8, N_("Ways to ask in which each question is learned"), 1, 100)
    replay_share: float = _number(0.5, N_("Old questions and earlier examples among what is learned"), 0.0, 0.95)
    replay_weight: float = _number(4.0, N_("Weight of what is old, against what is new"), 0.0, 100.0)
    context_length: int = _number(2048, N_("Longest example, in tokens"), 64, 131072)
    seed: int = _number(7, N_("Beginning of all chance"), 0, 2**31 - 1)
    max_minutes: float = _number(0.0, N_("Longest time; 0 is no limit"), 0.0, 10080.0)

    def __post_init__(self) -> None:
        kinds = get_type_hints(type(self))
        for each in dataclasses.fields(self):
            _check(each.name, getattr(self, each.name), kinds[each.name], dict(each.metadata))

    def changed(self, **values: Any) -> Recipe:
        """This recipe with other numbers; None leaves one as it is. Raises `RecipeError`."""
        return dataclasses.replace(self, **{name: value for name, value in values.items() if value is not None})


def preset(name: str, settings: Training | None = None, own: Mapping[str, float] | None = None) -> Recipe:
    """The recipe of that name: "facts", with the numbers of the settings, "tools", or "consolidate".

    Raises `RecipeError`.
    `own` are the numbers with which a model learns best; those that a person has changed in the settings win.
    """
    chosen, usual = settings or Training(), Training()
    values = {ours: getattr(chosen, theirs) for ours, theirs in _SETTINGS.items()}
    changed = {ours for ours, theirs in _SETTINGS.items() if getattr(chosen, theirs) != getattr(usual, theirs)}
    own_names = {each.name for each in dataclasses.fields(Recipe)} - changed
    facts = Recipe("facts", **values).changed(**{key: value for key, value in (own or {}).items() if key in own_names})
    presets = {
        "facts": facts,
        "consolidate": facts.changed(name="consolidate", from_base=True),
        "tools": Recipe("tools", **values).changed(epochs=3, learning_rate=5e-5, gradient_accumulation=4),
    }
    if name not in presets:
        known = ", ".join(presets)
        raise RecipeError(
            _("There is no recipe named {name}.").format(name=name),
            _("Choose one of these: {names}.").format(names=known),
        )
    return presets[name]


def _check(name: str, value: object, kind: Any, bounds: dict[str, Any]) -> None:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise RecipeError(
                _("“{value}” can't be used for {name}.").format(value=value, name=name),
                _("It must be one of: {choices}.").format(choices=", ".join(get_args(kind))),
            )
        return
    numeric = (int, float) if kind is float else kind
    if not isinstance(value, numeric) or (kind in (int, float) and isinstance(value, bool)):
        raise RecipeError(
            _("“{value}” can't be used for {name}.").format(value=value, name=name),
            _("It must be of the kind {kind}.").format(kind=kind.__name__),
        )
    if "least" in bounds and not bounds["least"] <= value <= bounds["most"]:
        raise RecipeError(
            _("“{value}” can't be used for {name}.").format(value=value, name=name),
            _("It must be from {lowest} to {highest}.").format(
                lowest=f"{bounds['least']:g}", highest=f"{bounds['most']:g}"
            ),
        )
