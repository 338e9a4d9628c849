"""Runs `thau` as a person does: `python main.py …` in a process of its own, and `run()` in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from thau_desktop.cli.main import run


@dataclass(frozen=True)
class Outcome:
    """What one command wrote and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def thau(home: Path) -> Callable[..., Outcome]:
    """`python main.py …` with this test's THAU_HOME."""

    def call(*arguments: str, stdin: str = "", **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), *arguments],
            input=stdin.encode(),
            capture_output=True,
            timeout=100,
            env={**os.environ, "THAU_HOME": str(home), **environment},
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    return call


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`run([...])` in this process: quicker, for what needs no process of its own."""

    def call(*arguments: str) -> Outcome:
        capfd.readouterr()
        status = run(list(arguments))
        out, err = capfd.readouterr()
        return Outcome(status, out, err)

    return call
