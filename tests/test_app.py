"""Thau as every face opens it, over a real store and a real, tiny model in a real child process."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

import main
from tests import tiny_model
from thau_desktop.app import Thau
from thau_desktop.errors import ModelMissing, SettingsError
from thau_desktop.inference.local import LocalBackend
from thau_desktop.messages import Finished, ModelReady, Sampling, Text, TextDelta

ROOT = Path(__file__).resolve().parents[1]
NEVER = threading.Event()
SAMPLING = Sampling(temperature=1.0, max_new_tokens=12, seed=1)


@pytest.fixture
def tiny_home(home: Path, tiny_folder: Path) -> Path:
    """A home whose chosen model is the tiny one."""
    tiny_model.copy(tiny_folder, home / "models" / "tiny", context=1024)
    with Thau(home) as thau:
        thau.change("model", "name", "tiny")
        thau.change("model", "threads", 1)
    return home


def test_opening_and_closing_leaves_a_home_and_nothing_else(home: Path) -> None:
    with Thau() as thau:
        assert thau.paths.home == home and thau.database.path.exists()
        assert thau.settings.model.name == "thau-nano-v1"
        assert [tool.name for tool in thau.tools.list()] == ["generate_image"]
        conversation = thau.conversations.create("hola").id
    thau.close()
    with Thau(home) as again:
        assert again.conversations.get(conversation).title == "hola"
        assert again.problems == []
    assert not [h for h in logging.getLogger("thau_desktop").handlers if isinstance(h, logging.FileHandler)]


def test_a_conversation_from_the_first_word_to_the_stored_answer_and_another_model_takes_its_place(
    tiny_home: Path, tiny_folder: Path
) -> None:
    tiny_model.copy(tiny_folder, tiny_home / "models" / "other", context=1024)
    with Thau() as thau:
        conversation = thau.conversations.create().id
        events = list(thau.chat.turn(conversation, "hola", NEVER, sampling=SAMPLING))
        assert any(isinstance(event, ModelReady) for event in events)
        finished = events[-1]
        assert isinstance(finished, Finished) and finished.state == "complete" and finished.model == "tiny"
        assert finished.tokens > 0 and finished.tokens_per_second > 0 and finished.context_limit == 1024
        answer = thau.conversations.path(conversation)[-1]
        assert answer.text == "".join(event.text for event in events if isinstance(event, TextDelta))
        again = list(thau.chat.turn(conversation, "¿y?", NEVER, sampling=SAMPLING))
        assert not any(isinstance(event, ModelReady) for event in again)
        backend = thau.backend()
        assert isinstance(backend, LocalBackend) and backend is thau.backend("tiny")
        pid = backend._child.pid
        other = thau.backend("other")
        assert other is not backend and other.name == "other"
        assert pid is not None and not psutil.pid_exists(pid)
        with pytest.raises(ModelMissing, match="tiny"):
            thau.backend("nothing")
    assert "error" not in (tiny_home / "logs/thau_service.log").read_text().lower()


def test_a_missing_model_ends_the_turn_in_words(tiny_home: Path) -> None:
    with Thau() as thau:
        conversation = thau.conversations.create().id
        finished = list(thau.chat.turn(conversation, "hola", NEVER, model="nothing"))[-1]
        assert isinstance(finished, Finished) and finished.state == "error" and "nothing" in finished.error
        assert [row.state for row in thau.conversations.path(conversation)] == ["complete", "error"]


def test_a_setting_is_kept_and_a_wrong_one_is_refused(home: Path) -> None:
    with Thau() as thau:
        thau.change("chat", "temperature", 0.0)
        assert thau.chat.sampling(thau.conversations.create().id).temperature == 0.0
        with pytest.raises(SettingsError):
            thau.change("chat", "temperature", 9.0)
    with Thau() as thau:
        assert thau.settings.chat.temperature == 0.0


KILLED = """
import os, sys, threading
from tests import tiny_model
from thau_desktop.app import Thau
from thau_desktop.messages import Sampling, TextDelta
if __name__ == "__main__":
    thau = Thau()
    conversation = thau.conversations.create().id
    said = ""
    for event in thau.chat.turn(conversation, "hola", threading.Event(),
                                sampling=Sampling(temperature=1.4, max_new_tokens=460, seed=4)):
        if isinstance(event, TextDelta):
            said += event.text
            if len(said) > 5:
                while len(stored := thau.conversations.path(conversation)[-1].text) <= 3:
                    pass  # the next save comes within half a second; the model may be done before
                print(conversation, thau.backend()._child.pid, stored.encode().hex(), flush=True)
                sys.stdin.read()
"""


def test_after_a_kill_the_words_are_there_as_interrupted_and_no_child_lives(tiny_home: Path, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, script], stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        assert process.stdout is not None
        conversation, pid, said = process.stdout.readline().split()
        child = psutil.Process(int(pid))
        process.send_signal(signal.SIGKILL)
    child.wait(60)
    with Thau() as thau:
        user, answer = thau.conversations.path(int(conversation))
        assert user.parts == (Text("hola"),)
        assert answer.state == "interrupted" and answer.text.startswith(bytes.fromhex(said).decode())
        finished = list(thau.chat.continue_(answer.id, NEVER, sampling=SAMPLING))[-1]
        assert isinstance(finished, Finished) and finished.state == "complete"
        assert finished.message_id == answer.id


def test_without_a_screen_main_talks_in_the_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main.has_screen()  # of these tests: offscreen
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert not main.has_screen()
    started = subprocess.run(
        [sys.executable, "main.py"], cwd=ROOT, input="", capture_output=True, text=True, timeout=100, check=False
    )
    assert started.stderr.splitlines()[0] == "There is no screen here, so THAU talks in the terminal."
    assert "Traceback" not in started.stderr
