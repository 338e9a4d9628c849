"""The service as a process: one a folder, told to systemd, ended by SIGTERM, and killed without a loss."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.api.conftest import PATIENCE, Service, begin
from tests.conftest import ROOT
from thau_desktop.api.owner import owner_of
from thau_desktop.app import Thau
from thau_desktop.paths import Paths

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def test_a_second_start_finds_the_first_and_says_so(service: Service) -> None:
    command = [sys.executable, str(ROOT / "main.py"), "start", "--port", "0"]
    environment = {**os.environ, "THAU_HOME": str(service.home)}
    second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert second.returncode == 1
    assert f"as process {service.process.pid} at {service.url}" in second.stderr and "Traceback" not in second.stderr
    assert owner_of(Paths.find(service.home)) is not None
    assert service.process.poll() is None


def test_a_port_that_is_taken_is_told_with_what_to_do(service: Service, home: Path) -> None:
    command = [sys.executable, str(ROOT / "main.py"), "start", "--port", str(service.port)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert second.returncode == 1 and "choose another with --port" in second.stderr
    assert owner_of(Paths.find(home)) is None


def test_systemd_hears_that_it_is_ready_alive_and_stopping(home: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        service = begin(home, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000")
        assert systemd.recv(1000).startswith(b"READY=1\nSTATUS=The API listens at http://127.0.0.1:")
        assert systemd.recv(1000) == b"WATCHDOG=1"
        assert systemd.recv(1000) == b"WATCHDOG=1"
        assert service.end() == 0
        heard = systemd.recv(1000)
        while heard == b"WATCHDOG=1":
            heard = systemd.recv(1000)
        assert heard == b"STOPPING=1"
    assert not (home / "api.pid").exists()


def test_an_answer_in_the_making_comes_to_its_end_when_the_service_is_asked_to_end(home: Path) -> None:
    service = begin(home)
    with service.client() as client:
        asked: dict[str, Any] = {"messages": [{"role": "user", "content": "¿Qué es un token?"}], "temperature": 0}
        whole = client.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]["content"]
        words = ""
        with client.stream("POST", "/v1/chat/completions", json={**asked, "stream": True}) as response:
            for line in response.iter_lines():
                if not line.startswith("data: {"):
                    continue
                if not words:
                    service.process.send_signal(signal.SIGTERM)
                words += json.loads(line.removeprefix("data: "))["choices"][0]["delta"].get("content") or ""
    assert words == whole
    assert service.end() == 0


def test_every_example_that_was_acknowledged_outlives_a_kill(home: Path) -> None:
    service = begin(home)
    acknowledged: list[int] = []
    enough = threading.Event()

    def add(worker: int) -> None:
        with service.client() as client:
            for number in range(10_000):
                examples = [{"instruction": f"{worker} {number} {n}", "output": f"o{n}"} for n in range(20)]
                try:
                    if number % 2:
                        client.post("/training/batch", json={"examples": examples}).raise_for_status()
                        acknowledged.extend([20])
                    else:
                        client.post("/training/add", json=examples[0]).raise_for_status()
                        acknowledged.extend([1])
                except httpx.HTTPError:
                    return  # it was killed: this one was not acknowledged
                if len(acknowledged) > 60:
                    enough.set()

    workers = [threading.Thread(target=add, args=(worker,)) for worker in range(4)]
    for thread in workers:
        thread.start()
    assert enough.wait(PATIENCE)
    service.kill()
    for thread in workers:
        thread.join()
    again = begin(home)
    try:
        with again.client() as client:
            assert client.get("/status").json()["total"] >= sum(acknowledged)
    finally:
        assert again.end() == 0
    with Thau(home) as thau:
        assert thau.problems == []


def test_it_ends_with_the_program_that_started_it(home: Path) -> None:
    service = begin(home, "--with-parent", "--no-nights")
    assert service.process.stdin is not None
    service.process.stdin.close()
    assert service.process.wait(PATIENCE) == 0
    service.reader.join(PATIENCE)


def test_the_token_is_shown_and_rotated_and_the_running_service_follows(service: Service) -> None:
    def thau(word: str) -> str:
        command = [sys.executable, str(ROOT / "main.py"), "api", word]
        environment = {**os.environ, "THAU_HOME": str(service.home)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    assert thau("token") == service.token
    old, service.token = service.token, thau("rotate")
    assert service.token not in ("", old) and thau("token") == service.token
    assert (service.home / "api_token").stat().st_mode & 0o777 == 0o600
    assert httpx.get(f"{service.url}/status", headers={"Authorization": f"Bearer {old}"}).status_code == 401
    assert httpx.get(f"{service.url}/status", headers=service.headers).status_code == 200


def test_listening_for_others_is_asked_for_by_hand_and_lets_in_no_other_name(home: Path) -> None:
    """As in the container: it listens everywhere, and is still only called by the names that are listed."""
    service = begin(home, "--host", "0.0.0.0", "--no-nights")
    try:
        assert httpx.get(f"{service.url}/status", headers=service.headers).status_code == 200
        stranger = {"Host": "workstation.example", **service.headers}
        assert httpx.get(f"{service.url}/status", headers=stranger).status_code == 403
        (home / "settings.toml").write_text('[api]\nallowed_hosts = "workstation.example"\n')
        assert httpx.get(f"{service.url}/status", headers=stranger).status_code == 200
    finally:
        assert service.end() == 0


def test_the_settings_can_not_open_it_to_others(home: Path) -> None:
    (home / "settings.toml").write_text('[api]\nhost = "0.0.0.0"\n')
    service = begin(home, "--no-nights")
    try:
        assert [one.laddr.ip for one in psutil.Process(service.process.pid).net_connections("tcp")] == ["127.0.0.1"]
    finally:
        service.end()
    assert "api.host" in (home / "stderr").read_text()
