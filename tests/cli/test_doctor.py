"""The doctor finds what is broken, says what to do, and only then exits with 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.cli.conftest import Outcome
from thau_desktop import doctor, hardware
from thau_desktop.doctor_probes import TorchFacts
from thau_desktop.paths import Paths
from thau_desktop.store.database import Database

CPU = TorchFacts("2.13.0+cpu", "cpu", "cpu", (), 2, "AVX2")
CARD = hardware.Gpu(0, "RTX 4070", 12 << 30, 11 << 30, "cuda", "570.1", "8.9")


def machine(*gpus: hardware.Gpu) -> hardware.Hardware:
    return replace(hardware.facts(), gpus=gpus, gpu_problem="" if gpus else "No driver.")


def test_a_broken_home_is_told_with_advice_and_nothing_in_it_is_touched(home: Path) -> None:
    with Database(home / "thau.db"):
        pass
    damaged = (home / "thau.db").read_bytes()[:5000] + b"\xff" * 3000
    (home / "thau.db").write_bytes(damaged)
    (home / "settings.toml").write_text("[chat]\ntemperature = 9\n", encoding="utf-8")
    checks = list(doctor.examine(Paths.find()))
    found = {check.name: check for check in checks}
    assert len(found) == len(checks), "a name is used twice"
    assert {"python", "packages", "torch", "device", "memory", "disk", "folder", "ollama", "language"} <= set(found)
    assert all(check.what for check in checks)
    assert all(check.advice for check in checks if check.state == "fail")
    assert found["torch"].what.startswith("PyTorch 2.")
    assert found["folder"].what == str(home)
    assert found["database"].state == "fail"
    assert found["settings"].state == "warn"
    assert "chat.temperature" in found["settings"].what
    assert (home / "thau.db").read_bytes() == damaged


def test_a_card_that_torch_can_not_use_is_told_with_the_reason() -> None:
    wrong_build = doctor.device_check(CPU, machine(CARD))
    assert (wrong_build.state, "RTX 4070" in wrong_build.what) == ("warn", True)
    assert "CUDA" in wrong_build.advice
    old_driver = doctor.device_check(replace(CPU, build="cuda 12.8", problem="driver too old"), machine(CARD))
    assert "driver too old" in old_driver.what
    assert "driver" in old_driver.advice


def test_a_card_in_use_and_a_machine_without_one_are_fine() -> None:
    used = doctor.device_check(replace(CPU, build="cuda 12.8", device="cuda", names=("RTX 4070",)), machine(CARD))
    assert (used.state, used.what) == ("ok", "cuda: RTX 4070")
    assert doctor.device_check(CPU, machine()).state == "ok"


def test_the_command_exits_with_1_only_when_something_fails(here: Callable[..., Outcome]) -> None:
    told = here("doctor", "--json")
    states = {check["name"]: check["state"] for check in told.json["checks"]}
    assert told.json["ok"] is ("fail" not in states.values())
    assert told.status == (0 if told.json["ok"] else 1)
    assert told.err == ""
    assert set(told.json["checks"][0]) == {"name", "state", "what", "advice"}
