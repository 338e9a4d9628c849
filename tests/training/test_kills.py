"""kill -9 at random moments of a night: nothing is lost, learned twice or marked falsely; a version answers.

Five moments, others each time; `THAU_KILLS=20` takes four minutes.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from tests.training.killed_night import ROOT
from thau_desktop.app import Thau
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.model_folder import check_safetensors
from thau_desktop.messages import GenerationDone, Message, Sampling, Text

KILLS = int(os.environ.get("THAU_KILLS", "5"))
NUMBERS = {
    "epochs": 12,
    "batch_size": 8,
    "lora_r": 4,
    "lora_alpha": 8,
    "learning_rate": 3e-3,
    "wordings": 1,
}
FACTS = {"The port of the server?": "7443", "¿De qué color es la puerta?": "azul", "Who wrote it?": "Marta"}
ANSWERS = ("rojo", "verde", "9", "Ana", "lunes", "Roma")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for name, record in (
        ("evaluation/tool_calling.jsonl", {"language": "en", "prompt": "hello", "picture": False}),
        ("evaluation/concepts.jsonl", {"language": "en", "question": "hello", "keywords": [["nothing like this"]]}),
        ("datasets/reminders.jsonl", {"instruction": "hello", "output": "hi"}),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(record) + "\n")
    return folder


class Night:
    """`thau train --force` in a process of its own."""

    def __init__(self, data: Path, log: Path) -> None:
        self.log = log
        with log.open("w") as file:
            self.process = psutil.Popen(
                [sys.executable, ROOT / "tests/training/killed_night.py", data, "train", "--force", "--json"],
                stdout=file, stderr=subprocess.STDOUT, env=os.environ, cwd=ROOT,
            )  # fmt: skip

    def outcome(self, seconds: float | None = None) -> str:
        """How it ended by itself; "" where it was killed after so many seconds."""
        try:
            self.process.wait(seconds)
        except psutil.TimeoutExpired:
            children = self.process.children(recursive=True)
            self.process.kill()
            self.process.wait()
            left = psutil.wait_procs(children, timeout=20)[1]
            assert not left, "a child outlives its parent"
            return ""
        last = json.loads(self.log.read_text().splitlines()[-1])
        assert last["type"] == "finished", self.log.read_text()
        return str(last["outcome"])


def look(home: Path, questions: dict[str, str]) -> None:
    """What must hold after every kill."""
    with Thau(home) as thau:
        assert not thau.problems
        examples = thau.examples.list()
        assert {one.instruction: one.output for one in examples} == questions  # none lost, none twice
        assert {one.state for one in examples} <= {"pending", "trained"}
        versions = {version.name: version for version in thau.versions.list()}
        learned = Counter(one.version for one in examples if one.state == "trained")
        assert learned == {name: version.learned for name, version in versions.items()}  # none marked falsely
        used = thau.models.find(thau.settings.model.name)
        if used.adapter is not None:
            check_safetensors(used.adapter / "adapter_model.safetensors")
        running = [run for run in thau.runs.list() if run.state == "running"]
        assert len(running) <= 1 and all(run.is_orphan for run in running)


def answers(thau: Thau) -> bool:
    """Whether the version in use can be asked."""
    request = GenerationRequest((Message("user", (Text("hello"),)),), Sampling(temperature=0, max_new_tokens=20))
    return any(isinstance(event, GenerationDone) for event in thau.backend().stream(request, threading.Event()))


@pytest.mark.timeout(1500)
def test_a_night_survives_kills_at_any_moment(home: Path, tiny_folder: Path, data: Path, tmp_path: Path) -> None:
    model = home / "models" / "thau-tiny-v1"
    shutil.copytree(tiny_folder, model)
    manifest = json.loads((model / "thau.json").read_text())
    (model / "thau.json").write_text(json.dumps(manifest | {"training": NUMBERS}))
    questions = dict(FACTS)
    with Thau(home) as thau:
        for group, key, value in (("model", "name", model.name), ("model", "device", "cpu"), ("model", "threads", 1)):
            thau.change(group, key, value)
        for instruction, output in questions.items():
            thau.examples.add(instruction, output)
    started = time.monotonic()
    assert Night(data, tmp_path / "log").outcome() == "promoted"
    whole = time.monotonic() - started

    seed = random.randrange(10**6)
    print(f"seed {seed}, a night takes {whole:.1f} s")
    rng = random.Random(seed)
    kills, outcomes = 0, Counter[str]()
    while kills < KILLS:
        if all(name != "pending" for name in _states(home)):
            with Thau(home) as thau:
                question = f"What is number {len(questions)}?"
                questions[question] = ANSWERS[len(questions) % len(ANSWERS)]
                thau.examples.add(question, questions[question])
        found = Night(data, tmp_path / "log").outcome(rng.uniform(0.0, whole))
        kills += found == ""
        outcomes[found] += 1
        assert found in ("", "promoted", "rejected"), (tmp_path / "log").read_text()
        look(home, questions)

    end = Night(data, tmp_path / "log").outcome()
    assert end in ("promoted", "rejected", "skipped"), (outcomes, (tmp_path / "log").read_text())
    look(home, questions)
    with Thau(home) as thau:
        assert not [run for run in thau.runs.list() if run.state == "running"]
        assert len(thau.versions.list()) >= (2 if KILLS >= 20 else 1), outcomes  # nights do end between the kills
        assert answers(thau)
        logged = Counter(
            (line["instruction"], line["version"])
            for line in map(json.loads, (thau.paths.logs / "trained_examples.jsonl").read_text().splitlines())
        )
        assert logged == Counter((one.instruction, one.version) for one in thau.examples.list("trained"))


def _states(home: Path) -> list[str]:
    with Thau(home) as thau:
        return [one.state for one in thau.examples.list()]
