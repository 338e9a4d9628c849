"""How a pipeline is laid over the memory that is free."""

from __future__ import annotations

import pytest

from thau_desktop.inference.drawing_memory import GIB, MemoryPlan, plan, smaller

SD15 = {"unet": 17 * GIB // 10, "vae": GIB // 6, "text_encoder": GIB // 4}  # in half precision
FLUX = {"transformer": 23 * GIB, "text_encoder_2": 9 * GIB, "vae": GIB // 6}


@pytest.mark.parametrize(
    ("parts", "free", "placement", "slicing", "tiling"),
    [
        (SD15, 8, "gpu", False, False),
        (SD15, 3, "gpu", True, True),
        (SD15, 2.7, "model offload", True, True),
        (SD15, 2, "sequential offload", True, True),
        (FLUX, 48, "gpu", False, False),
        (FLUX, 26, "model offload", False, True),
        (FLUX, 24, "model offload", True, True),
        (FLUX, 12, "sequential offload", True, True),
    ],
)
def test_the_free_memory_of_the_gpu_decides(
    parts: dict[str, int], free: float, placement: str, slicing: bool, tiling: bool
) -> None:
    found = plan(parts, int(free * GIB), "cuda")
    assert (found.placement, found.attention_slicing, found.vae_tiling) == (placement, slicing, tiling)


def test_whatever_is_done_to_save_memory_is_said() -> None:
    assert plan(SD15, 8 * GIB, "cuda").text == ""
    assert "piece by piece" in plan(SD15, 3 * GIB, "cuda").text
    assert "32.2 GB" in plan(FLUX, 26 * GIB, "cuda:1").text
    assert "layer by layer" in plan(FLUX, 12 * GIB, "cuda").text


def test_a_cpu_and_a_mac_have_one_memory() -> None:
    assert plan(SD15, 16 * GIB, "cpu") == MemoryPlan("cpu")
    assert plan(SD15, 3 * GIB, "cpu").vae_tiling
    assert plan(FLUX, 16 * GIB, "mps").placement == "gpu"
    assert plan({}, 16 * GIB, "cuda") == MemoryPlan("gpu")


@pytest.mark.parametrize(
    ("size", "offered"),
    [
        ((1024, 1024), (768, 768)),
        ((768, 512), (576, 384)),
        ((512, 256), (384, 256)),
        ((320, 320), (256, 256)),
        ((256, 256), None),
        ((64, 64), None),
    ],
)
def test_a_smaller_size_is_offered_down_to_256(size: tuple[int, int], offered: tuple[int, int] | None) -> None:
    assert smaller(*size) == offered
