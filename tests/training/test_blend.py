"""Between what a model was and what it became lies a model, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.full_disk import full_disk, needs_limits
from thau_desktop.errors import DiskFull
from thau_desktop.training.blend import WEIGHTS, blend

PAIR = ("model.q_proj.lora_A.weight", "model.q_proj.lora_B.weight")


def adapter(folder: Path, seed: int, rank: int = 4) -> dict[str, np.ndarray]:
    numbers = np.random.default_rng(seed)
    weights = {PAIR[0]: numbers.normal(size=(rank, 64)), PAIR[1]: numbers.normal(size=(64, rank))}
    folder.mkdir()
    save_file({name: values.astype(np.float32) for name, values in weights.items()}, folder / WEIGHTS)
    (folder / "adapter_config.json").write_text(f'{{"r": {rank}}}')
    return load_file(folder / WEIGHTS)


def test_it_lies_between_the_two(tmp_path: Path) -> None:
    before, after = adapter(tmp_path / "before", 1), adapter(tmp_path / "after", 2)
    assert blend(tmp_path / "after", tmp_path / "before", tmp_path / "part", 0.25)
    made = load_file(tmp_path / "part" / WEIGHTS)
    for name in PAIR:
        np.testing.assert_allclose(made[name], 0.75 * before[name] + 0.25 * after[name], rtol=1e-5, atol=1e-6)
        assert made[name].dtype == np.float32
    assert (tmp_path / "part" / "adapter_config.json").read_text() == '{"r": 4}'
    assert load_file(tmp_path / "after" / WEIGHTS).keys() == after.keys()


def test_from_the_bare_base_it_is_that_share_of_the_change(tmp_path: Path) -> None:
    after = adapter(tmp_path / "after", 2)
    assert blend(tmp_path / "after", None, tmp_path / "part", 0.6)
    made = load_file(tmp_path / "part" / WEIGHTS)
    down, up = PAIR
    np.testing.assert_allclose(made[up] @ made[down], 0.6 * (after[up] @ after[down]), rtol=1e-4, atol=1e-5)


def test_between_two_shapes_there_is_nothing(tmp_path: Path) -> None:
    adapter(tmp_path / "before", 1, rank=8)
    adapter(tmp_path / "after", 2)
    assert not blend(tmp_path / "after", tmp_path / "before", tmp_path / "part", 0.6)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after", "before"]


@needs_limits
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    adapter(tmp_path / "after", 2)
    with full_disk(500), pytest.raises(DiskFull):
        blend(tmp_path / "after", None, tmp_path / "part", 0.6)
    assert [path.name for path in tmp_path.iterdir()] == ["after"]
