"""The catalog's numbers hold together, and what fits here is told by the same arithmetic that loads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from thau_desktop.hardware import Disk, Gpu, Hardware
from thau_desktop.inference import model_folder, precision
from thau_desktop.models.catalog import SIZES
from thau_desktop.models.memory import Room, Shape, fit, gguf_needs, needs, room
from thau_desktop.models.offers import PURPOSES, Offer, offers

GB = 1_000_000_000
MACHINE = Hardware("Linux", "a processor", 4, 8, 16 * GB, 12 * GB, Disk("/", 100 * GB, 50 * GB), ())


@pytest.mark.parametrize("each", offers(), ids=lambda each: each.name)
def test_parameters_and_sizes_follow_from_the_shape(each: Offer) -> None:
    assert each.shape.weights.total == each.parameters
    assert each.bytes == pytest.approx(2 * each.parameters, rel=0.02)
    assert each.purpose in PURPOSES and each.licence and each.languages
    assert each.gguf is None or 0.25 < each.gguf.bytes / (2 * each.parameters) < 0.4


def test_every_size_of_the_contract_has_its_base() -> None:
    bases = {each.size: each.name for each in offers() if each.size}
    assert bases == {size: base for size, (base, _gb) in SIZES.items() if size != "nano"}


def test_weights_are_counted_as_in_the_files_of_a_model(tiny_folder: Path) -> None:
    counted = precision.weights_of(tiny_folder)
    vocabulary = model_folder.read_json(tiny_folder / "config.json")["vocab_size"]
    shape = Shape(64, 2, 4, 2, 16, 128, vocabulary, tied=False, bias=False)
    assert (shape.weights.total, shape.weights.linear, shape.weights.edges) == (
        counted.total,
        counted.linear,
        counted.edges,
    )


def test_a_processor_holds_weights_in_32_bits_and_a_gpu_in_16() -> None:
    assert room(MACHINE) == Room("cpu", 14 * GB, 4)
    card = Gpu(0, "a card", 8 * GB, 7 * GB, "cuda")
    assert room(replace(MACHINE, gpus=(card,))) == Room("cuda", 7_360_000_000, 2)
    apple = Gpu(0, "M2", 16 * GB, 0, "mps")
    assert room(replace(MACHINE, gpus=(apple,))).precisions == ("full",)


def test_the_best_precision_that_fits_is_chosen() -> None:
    (coder,) = [each for each in offers() if each.name == "Qwen2.5-Coder-7B-Instruct"]
    fitting = {size: fit(coder.shape, Room("cuda", size * GB, 2)).precision for size in (24, 12, 8, 4)}
    assert fitting == {24: "full", 12: "int8", 8: "nf4", 4: None}


def test_a_longer_conversation_needs_more() -> None:
    (phi,) = [each for each in offers() if each.repo == "microsoft/Phi-3-mini-128k-instruct"]
    short, long = (needs(phi.shape, "nf4", 2, tokens) for tokens in (2048, 4096))
    assert long - short == 2 * 32 * 32 * 96 * 2048 * 2
    assert gguf_needs(GB, phi.shape) > gguf_needs(GB)
