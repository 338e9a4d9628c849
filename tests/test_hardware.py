"""Facts about the machine never fail, whatever is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from thau_desktop.hardware import facts


def test_the_machine_has_a_processor_memory_and_a_disk(tmp_path: Path) -> None:
    hardware = facts(tmp_path / "not" / "there" / "yet")
    assert hardware.cpu and hardware.platform
    assert 1 <= hardware.physical_cores <= hardware.logical_cores
    assert 0 < hardware.memory_available <= hardware.memory_total
    assert 0 < hardware.disk.free <= hardware.disk.total


def test_no_gpu_comes_with_the_reason(tmp_path: Path) -> None:
    hardware = facts(tmp_path)
    assert bool(hardware.gpus) != bool(hardware.gpu_problem)
    for gpu in hardware.gpus:
        assert gpu.name and gpu.memory_total > 0


def test_a_driver_that_fails_is_a_sentence_and_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    import pynvml

    def fail() -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_DRIVER_NOT_LOADED)

    monkeypatch.setattr(pynvml, "nvmlInit", fail)
    monkeypatch.setattr(sys, "platform", "linux")
    hardware = facts()
    assert hardware.gpus == () and hardware.gpu_problem


def test_a_system_that_hides_its_memory_gives_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no /proc")

    monkeypatch.setattr(psutil, "virtual_memory", fail)
    assert facts().memory_total == 0


def test_torch_is_not_imported_to_learn_the_facts() -> None:
    script = "import sys, thau_desktop.hardware as h; h.facts(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
