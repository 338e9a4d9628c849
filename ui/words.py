"""Numbers as people read them."""

from __future__ import annotations

from thau_desktop.messages import ModelLoading
from thau_desktop.translation import _, language


def decimal(value: float, places: int = 1) -> str:
    """A number with the decimal mark of the language in use."""
    return _marked(f"{value:.{places}f}")


def short(value: float) -> str:
    """A number in as few digits as it takes, such as "0.0002" or "2e-05"."""
    return _marked(f"{value:g}")


def _marked(text: str) -> str:
    return text.replace(".", ",") if language() == "es" else text


def grouped(value: int) -> str:
    """A whole number in groups of three, parted by a thin space."""
    return f"{value:,}".replace(",", "\u202f")


def size_of(size: int) -> str:
    """Bytes in a unit that fits, such as "1.9 GB"."""
    if size < 1000:
        return _("{number} bytes").format(number=size)
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{decimal(value, 1 if value < 99.5 else 0)} {unit}"


def parameters_of(count: int) -> str:
    """A number of parameters, such as "8.3 M" or "1.5 B"."""
    if count >= 1_000_000_000:
        return f"{decimal(count / 1e9)} B"
    return f"{decimal(count / 1e6)} M"


def loading_words(event: ModelLoading) -> str:
    """What is being loaded, and what it will take of the memory that is free, where that is known."""
    if not event.needed or not event.free:
        return _("Loading {model}…").format(model=event.model)
    words = _("Loading {model}: it takes about {needed} of the {free} that are free…")
    return words.format(model=event.model, needed=size_of(event.needed), free=size_of(event.free))
