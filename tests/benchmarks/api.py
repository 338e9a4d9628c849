"""The API under load: adding in batches, the status at a million examples, two hundred clients for a minute."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

from tests.api.conftest import Service, begin
from tests.benchmarks import million
from tests.benchmarks.report import Figure, percentile
from tests.conftest import ROOT
from thau_desktop.api.token import Token
from thau_desktop.app import Thau
from thau_desktop.training import intake

CLIENTS, SECONDS = 200, 60.0
BATCH, BATCHES = 5000, 8


def measure(quick: bool) -> Iterator[Figure]:
    """All of it, on a service with an empty home; `quick` asks for a tenth."""
    share = 10 if quick else 1
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder:
        home = Path(folder)
        service = begin(home, "--no-nights")
        try:
            yield from _batches(service, BATCHES // (4 if quick else 1))
            yield from _crowd(service, CLIENTS // share, SECONDS / share)
        finally:
            service.end()
        many = 1_000_000 // share
        with Thau(home) as thau:
            for _event in intake.take_in(thau.examples, million.write(home / "examples.jsonl", many)):
                pass
        service = begin(home, "--no-nights")
        try:
            yield from _status(service, many)
        finally:
            service.end()
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder:
        yield from _window(Path(folder), CLIENTS // share, 20.0 / (4 if quick else 1))
    yield _schema(quick)


def _batches(service: Service, batches: int) -> Iterator[Figure]:
    with service.client() as client:
        client.get("/status")
        began = time.perf_counter()
        for batch in range(batches):
            examples = [
                {"instruction": f"What is {n} times {batch}?", "output": f"It is {n * batch}."} for n in range(BATCH)
            ]
            client.post("/training/batch", json={"examples": examples}).raise_for_status()
        seconds = time.perf_counter() - began
    yield Figure("examples added a second, 5,000 a request", batches * BATCH / seconds, "", least=5000)


def _status(service: Service, many: int) -> Iterator[Figure]:
    took: list[float] = []
    with service.client() as client:
        assert client.get("/status").json()["total"] >= many
        for _n in range(300):
            began = time.perf_counter()
            client.get("/status").raise_for_status()
            took.append(1000 * (time.perf_counter() - began))
    note = f"p99 {percentile(took, 0.99):.1f}; the client's own time included"
    yield Figure(f"GET /status at {many:,} examples, p50", percentile(took, 0.5), "ms", most=5, note=note)


def _crowd(service: Service, clients: int, seconds: float) -> Iterator[Figure]:
    """Answers, examples and questions about the state, from so many clients at once."""
    statuses: Counter[int] = Counter()
    broken: list[str] = []
    end = time.monotonic() + seconds
    process = psutil.Process(service.process.pid)

    def ask(number: int) -> None:
        with service.client() as client:
            for turn in range(1_000_000):
                if time.monotonic() > end:
                    return
                try:
                    if number % 4 == 0:
                        said = [{"role": "user", "content": "hola"}]
                        answer = client.post("/v1/chat/completions", json={"messages": said, "max_tokens": 8})
                    elif number % 4 == 1:
                        answer = client.post(
                            "/training/add", json={"instruction": f"{number} {turn}", "output": f"{turn}"}
                        )
                    else:
                        answer = client.get("/status")
                except httpx.HTTPError as problem:
                    broken.append(repr(problem))
                    continue
                statuses[answer.status_code] += 1
                if answer.status_code == 429:
                    time.sleep(min(float(answer.headers["retry-after"]), max(0.0, end - time.monotonic())))

    crowd = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in crowd:
        thread.start()
    memory: list[int] = []
    while time.monotonic() < end:
        memory.append(process.memory_info().rss)
        time.sleep(1)
    for thread in crowd:
        thread.join()
    settled = memory[len(memory) // 3 :]
    name = f"{clients} clients, {seconds:.0f} s"
    wrong = len(broken) + sum(many for status, many in statuses.items() if status not in (200, 429))
    note = ", ".join(f"{status}: {many}" for status, many in sorted(statuses.items()))
    yield Figure(f"{name}: errors but 429", wrong, "", most=0, note=f"{note} {broken[:1]}")
    grown = (settled[-1] - settled[0]) / (1 << 20)
    yield Figure(f"{name}: memory that is more at the end", grown, "MB", most=20, note=f"{settled[-1] >> 20} MB")


def _window(home: Path, clients: int, seconds: float) -> Iterator[Figure]:
    """How much the window's thread works for the API that it serves, while a crowd asks."""
    from PySide6.QtCore import QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from tests.benchmarks.heartbeat import Heartbeat
    from ui.settings.api_server import ApiServer

    os.environ["THAU_HOME"] = str(home)
    application = QApplication.instance() or QApplication([])
    with Thau(home) as thau:
        with socket.socket() as asked:
            asked.bind(("127.0.0.1", 0))
            thau.change("api", "port", int(asked.getsockname()[1]))
        thau.change("api", "enabled", True)
        parent = QObject()
        server = ApiServer.of(thau, parent)
        server.follow()
        while not server.url:
            application.processEvents()
        heart = Heartbeat()
        crowd = multiprocessing.get_context("spawn").Process(
            target=ask_for_the_state, args=(server.url, Token(thau.paths).value(), clients, seconds)
        )
        crowd.start()
        heart.start()
        QTimer.singleShot(int(1000 * (seconds + 3)), application.quit)
        application.exec()
        heart.stop()
        crowd.join()
        server.stop()
    yield from heart.figures(f"the window beside {clients} clients", by="worked")


def ask_for_the_state(url: str, token: str, clients: int, seconds: float) -> None:
    """In a process of its own: `clients` threads that ask as fast as they can."""
    end = time.monotonic() + seconds

    def ask() -> None:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
            while time.monotonic() < end:
                client.get("/status")

    threads = [threading.Thread(target=ask) for _n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _schema(quick: bool) -> Figure:
    """Schemathesis with as many cases as were promised."""
    environment = {**os.environ, "THAU_SCHEMA_CASES": "3" if quick else "80"}
    command = [sys.executable, "-m", "pytest", "tests/api/test_schema.py", "-q", "-s", "--timeout", "3600"]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout
    cases = next((line.split()[0] for line in said.splitlines() if "cases of" in line), "0")
    return Figure("schemathesis cases without a fault", int(cases), "", least=100 if quick else 2000, note=said[-200:])
