"""The same training on two processes gives the same loss curve."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from thau_desktop.training.launch import read, write
from thau_desktop.training.recipe import Recipe
from thau_desktop.training.samples import Lesson
from thau_desktop.training.tasks import TrainingJob

LESSONS = tuple(Lesson(f"question {n}", f"answer {n} and so on" * (1 + n % 3)) for n in range(7))
REMINDERS = tuple(Lesson(f"old question {n}", f"old answer {n}") for n in range(5))


def job(base: Path, folder: Path) -> TrainingJob:
    recipe = Recipe(epochs=2, batch_size=2, gradient_accumulation=2, lora_r=4, lora_alpha=8, learning_rate=5e-3)
    return TrainingJob(
        base, None, folder, LESSONS, recipe, LESSONS[:2], REMINDERS, folder / "kept", "cpu", 1, nice=False
    )


def test_a_job_is_read_as_it_was_written(tiny_folder: Path, tmp_path: Path) -> None:
    before = job(tiny_folder, tmp_path / "run")
    write(before, tmp_path / "job.json")
    assert read(tmp_path / "job.json") == before


@pytest.mark.skipif(sys.platform == "win32", reason="gloo needs a host name there")
def test_two_processes_learn_as_one_does(tiny_folder: Path, tmp_path: Path) -> None:
    curves = {}
    for processes in (1, 2):
        path = tmp_path / f"{processes}.json"
        write(job(tiny_folder, tmp_path / f"run-{processes}"), path)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        launch = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", str(processes), "--num_machines", "1"]
        launch += ["--mixed_precision", "no", "--dynamo_backend", "no", "--num_cpu_threads_per_process", "1"]
        launch += ["--main_process_ip", "127.0.0.1", "--main_process_port", str(port)]
        ended = subprocess.run(
            [sys.executable, *launch, "-m", "thau_desktop.training.launch", str(path)],
            cwd=ROOT,
            env=os.environ | {"GLOO_SOCKET_IFNAME": "lo"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        events = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
        curves[processes] = [event["loss"] for event in events if event["type"] == "StepDone"]
        assert events[-1]["type"] == "TrainingDone"
        assert (Path(events[-1]["adapter"]) / "adapter_model.safetensors").exists()
    assert len(curves[1]) == 8
    assert curves[2] == pytest.approx(curves[1], rel=0.02)
