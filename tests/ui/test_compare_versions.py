"""Two versions are asked the same, side by side, and the one in use stays in use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from thau_desktop.app import Thau
from thau_desktop.inference.model_folder import digest
from ui.main_window import MainWindow
from ui.training.compare_dialog import CompareDialog
from ui.worker import workers


def adapter(folder: Path) -> None:
    """One that changes what a tiny model says."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    generator = torch.Generator().manual_seed(5)
    name = "base_model.model.model.layers.0.mlp.down_proj"
    weights = {
        f"{name}.lora_A.weight": torch.randn(4, 128, generator=generator),
        f"{name}.lora_B.weight": torch.randn(64, 4, generator=generator),
    }
    save_file(weights, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"r": 4, "lora_alpha": 8}))


@pytest.fixture
def thau(thau: Thau, tiny_folder: Path) -> Thau:
    """With a tiny model and a version of it in use."""
    base = thau.paths.models / "thau-tiny-v1"
    shutil.copytree(tiny_folder, base)
    adapter(thau.paths.checkpoints / "run-0001" / "adapter")
    thau.versions.add(
        "thau-tiny-v2",
        base=base.name,
        base_digest=digest(base),
        parent=base.name,
        folder="run-0001/adapter",
        run_id=None,
        data_digest="",
        learned=3,
        scores={"new": 1.0, "tools": 0.98},
    )
    for key, value in (("name", "thau-tiny-v2"), ("device", "cpu"), ("threads", 1)):
        thau.change("model", key, value)
    return thau


def test_both_answer_the_same_words(window: MainWindow, thau: Thau, qtbot: QtBot) -> None:
    dialog = CompareDialog(thau, window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert [side.name for side in dialog.sides] == ["thau-tiny-v1", "thau-tiny-v2"]
    assert not dialog.ask.isEnabled()
    dialog.prompt.setText("Hola, ¿qué tal?")
    dialog.ask.click()
    assert not dialog.ask.isEnabled()
    qtbot.waitUntil(lambda: dialog.ask.isEnabled(), timeout=120_000)
    first, second = (side.said.toPlainText() for side in dialog.sides)
    assert first and second and first != second
    assert thau.settings.model.name == "thau-tiny-v2" and thau.backend().name == "thau-tiny-v2"

    shutil.rmtree(thau.paths.checkpoints / "run-0001" / "adapter")
    dialog.ask.click()
    qtbot.waitUntil(lambda: dialog.ask.isEnabled(), timeout=120_000)
    assert "has lost its files" in dialog._note.text()


def test_a_dialog_that_is_closed_ends_what_it_asked(window: MainWindow, thau: Thau, qtbot: QtBot) -> None:
    dialog = CompareDialog(thau, window)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.prompt.setText("hello")
    dialog.ask.click()
    dialog.reject()
    qtbot.waitUntil(lambda: not workers().running, timeout=120_000)
