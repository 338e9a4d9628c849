"""`thau chat` with a real model in a real child process: one message, lines of input, a terminal, Ctrl+C."""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests import tiny_model
from tests.cli.conftest import Outcome
from tests.conftest import ROOT
from thau_desktop.cli.turn_output import JsonLines, Words
from thau_desktop.messages import (
    Finished,
    ReasoningDelta,
    Text,
    TextDelta,
    ToolCall,
    ToolCallReady,
    ToolFinished,
    ToolProgress,
    ToolResult,
)
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database

Thau = Callable[..., Outcome]

FINISHED = ["type", "text", "tool_calls", "images", "model", "tokens", "tokens_per_second", "time_to_first_token_s"]
CALL = ToolCall("1", "generate_image", {"prompt": "un zorro", "steps": 30})

PATIENCE = 100  # seconds: a deadline only keeps a test from hanging

needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals to test with")


@pytest.fixture
def tiny(home: Path, tiny_folder: Path) -> Path:
    """A home whose model is the tiny random one, with short answers."""
    tiny_model.copy(tiny_folder, home / "models" / "tiny", context=2048)  # a persona's instructions must fit
    answers_of(home, 24)
    return home


@pytest.fixture
def talkative(tiny: Path) -> Path:
    """The same home, but the model never ends an answer by itself: there is time to stop it."""
    from safetensors.numpy import load_file, save_file

    folder = tiny / "models" / "tiny"
    tokens = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
    weights = load_file(folder / "model.safetensors")
    for token in tokens:
        weights["lm_head.weight"][token["id"]] = 0
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    answers_of(tiny, 1400)
    return tiny


def interruptible() -> None:
    """Ctrl+C reaches a process that a shell starts, even where these tests run in the background of one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def answers_of(home: Path, tokens: int) -> None:
    (home / "settings.toml").write_text(
        f'[model]\nname = "tiny"\nthreads = 1\n[chat]\nmax_new_tokens = {tokens}\ntemperature = 0.0\n', encoding="utf-8"
    )


@pytest.fixture
def chats(home: Path) -> Iterator[Conversations]:
    with Database(home / "thau.db") as database:
        yield Conversations(database)


# --- one message, lines of input ---------------------------------------------------------------------------


def test_lines_of_input_are_one_conversation_and_json_is_a_line_an_event(
    thau: Thau, tiny: Path, chats: Conversations
) -> None:
    answered = thau("chat", "--json", "--seed", "7", stdin="\ufeffHola, ¿qué tal?\n\nGracias\n")
    assert answered.status == 0, answered.err
    events = answered.lines
    assert [event["type"] for event in events][:3] == ["turn_started", "model_loading", "model_ready"]
    assert events[-1]["type"] == "finished"
    assert sum(event["type"] == "finished" for event in events) == 2
    first = events[: next(n for n, event in enumerate(events) if event["type"] == "finished") + 1]
    finished = first[-1]
    assert list(finished) == FINISHED
    assert finished["model"] == "tiny"
    assert finished["tokens"] > 0
    streamed = "".join(event["text"] for event in first if event["type"] == "text_delta")
    assert finished["text"].strip() == streamed.strip()
    (chat,) = chats.list()
    said = chats.path(chat.id)
    assert [message.text for message in said if message.role == "user"] == ["Hola, ¿qué tal?", "Gracias"]
    assert len(said) == 4


def test_fresh_lines_are_conversations_of_their_own_and_a_seed_gives_the_same_answer_again(
    thau: Thau, here: Thau, tiny: Path, chats: Conversations
) -> None:
    flags = ("--temperature", "1.0", "--seed", "11")
    apart = thau("chat", "--fresh", *flags, stdin="Hola\nAdiós\n")
    assert apart.status == 0, apart.err
    assert [chats.count(chat.id) for chat in chats.list()] == [2, 2]
    again = here("chat", "--message", "Hola", *flags)
    assert again.status == 0, again.err
    answers = [chats.path(chat.id)[-1].text for chat in chats.list() if chats.path(chat.id)[0].text == "Hola"]
    assert len(answers) == 2 and answers[0] == answers[1] != ""
    assert again.out.strip() in apart.out


def test_a_conversation_goes_on_where_it_was(here: Thau, tiny: Path, chats: Conversations) -> None:
    chat = chats.create("Zorros")
    chats.add_message(chat.id, "user", (Text("Hola"),))
    answer = chats.add_message(chat.id, "assistant", (Text("¿Sí?"),))
    going_on = here("chat", "--message", "Sigue", "--conversation", str(chat.id))
    assert going_on.status == 0, going_on.err
    assert [one.id for one in chats.list()] == [chat.id]
    question = chats.path(chat.id)[2]
    assert (question.text, question.parent_id, chats.count(chat.id)) == ("Sigue", answer.id, 4)


@pytest.mark.parametrize(
    "flags", [["--model", "nothing"], ["--persona", "nobody"], ["--conversation", "99"]], ids=lambda flags: flags[0]
)
def test_what_is_not_there_is_one_line_and_no_conversation(
    here: Thau, tiny: Path, chats: Conversations, flags: list[str]
) -> None:
    failed = here("chat", "--message", "Hola", *flags)
    assert (failed.status, failed.out) == (1, "")
    assert failed.err.count("\n") == 1
    assert chats.list() == []


def test_a_model_that_can_not_be_read_ends_with_1_and_a_reason(here: Thau, tiny: Path) -> None:
    (tiny / "models" / "tiny" / "model.safetensors").write_bytes(b"nothing")
    failed = here("chat", "--message", "Hola", "--json")
    assert failed.status == 1
    assert failed.err.count("\n") == 1
    assert "Traceback" not in failed.err
    assert failed.lines[-1]["error"]


@needs_pty
def test_an_interrupt_stops_the_one_answer_and_keeps_it(talkative: Path, chats: Conversations) -> None:
    with subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "chat", "--message", "Hola", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=interruptible,
        env={**os.environ, "THAU_HOME": str(talkative)},
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        lines = []
        words = itertools.count(1)
        for line in running.stdout:
            lines.append(json.loads(line))
            if lines[-1]["type"] == "text_delta" and next(words) == 3:
                running.send_signal(signal.SIGINT)
        errors = running.stderr.read().decode()
    assert (running.returncode, errors) == (130, "")
    assert lines[-1]["type"] == "finished"
    answer = chats.path(chats.list()[0].id)[-1]
    assert (answer.state, bool(answer.text)) == ("stopped", True)


def test_a_reader_that_goes_away_ends_the_answer_without_noise(talkative: Path, chats: Conversations) -> None:
    with subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "chat", "--message", "Hola", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "THAU_HOME": str(talkative)},
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        errors = running.stderr.read().decode()
    assert errors == ""
    assert chats.path(chats.list()[0].id)[-1].state == "stopped"


# --- a terminal ------------------------------------------------------------------------------------------


class Terminal:
    """`thau chat` behind a pseudo terminal: what a person types and sees."""

    def __init__(self, home: Path) -> None:
        import pty

        self._bytes = b""
        self._end, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "chat"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=interruptible,
            env={**os.environ, "THAU_HOME": str(home), "TERM": "xterm", "PYTHONIOENCODING": "utf-8"},
        )
        os.close(theirs)

    @property
    def seen(self) -> str:
        """What appeared since something was last typed."""
        return self._bytes.decode("utf-8", "replace")

    def type(self, text: str) -> None:
        self._bytes = b""
        os.write(self._end, text.encode())

    def until(self, text: str) -> str:
        """What appears, up to and with `text`."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            reading = self._read(1) or (self.process.poll() is None and time.monotonic() < deadline)
            assert reading, f"{text!r} did not appear in {self.seen!r}"
        return self.seen

    def ended(self) -> int:
        """The exit status, once everything it still writes was read."""
        deadline = time.monotonic() + PATIENCE
        while self._read(0.1) or self.process.poll() is None:
            assert time.monotonic() < deadline, f"it did not end after {self.seen!r}"
        return self.process.returncode

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def interrupted_at_the_prompt(self) -> int:
        """The exit status after Ctrl+C, pressed again where `input()` lost it: CPython misses a signal that comes
        between showing the prompt and waiting for a key (6 of 60 bare `input()` calls on this busy machine)."""
        for _attempt in range(9):
            before = len(self._bytes)
            self.interrupt()
            while self._read(5):
                if b"\n" in self._bytes[before:]:  # the line that it ends before it leaves
                    return self.ended()
        raise AssertionError(f"interrupts did not end it: {self.seen!r}")

    def _read(self, seconds: float) -> bool:
        """Take what appears within so long; False where nothing does, or never will."""
        if not select.select([self._end], [], [], seconds)[0]:
            return False
        try:
            self._bytes += os.read(self._end, 65536)
        except OSError:  # the other end is closed
            return False
        return True

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._end)


@pytest.fixture
def terminal(tiny: Path) -> Iterator[Terminal]:
    screen = Terminal(tiny)
    yield screen
    screen.close()


@needs_pty
def test_a_talk_at_a_terminal_shows_speed_begins_anew_and_leaves_by_a_word(
    terminal: Terminal, chats: Conversations
) -> None:
    terminal.until("›")
    terminal.type("Hola\n")
    assert "tok/s" in terminal.until("tok/s")
    terminal.until("›")
    terminal.type("limpiar\n")
    terminal.until("new conversation")
    terminal.until("›")
    terminal.type("Gracias\n")
    terminal.until("tok/s")
    terminal.until("›")
    terminal.type("salir\n")
    assert terminal.ended() == 0
    assert sorted(chats.count(chat.id) for chat in chats.list()) == [2, 2]


@needs_pty
def test_control_c_stops_the_answer_and_at_the_prompt_it_leaves(talkative: Path, chats: Conversations) -> None:
    terminal = Terminal(talkative)
    try:
        terminal.until("›")
        terminal.type("Hola\n")
        terminal.until("Loading")
        terminal.until("\x1b[2K")  # the first words take its place
        terminal.interrupt()
        terminal.until("stopped")
        terminal.until("›")
        assert terminal.interrupted_at_the_prompt() == 0
        assert "Traceback" not in terminal.seen
    finally:
        terminal.close()
    assert chats.path(chats.list()[0].id)[-1].state == "stopped"


@needs_pty
def test_control_d_leaves(terminal: Terminal) -> None:
    terminal.until("›")
    terminal.type("\x04")
    assert terminal.ended() == 0


# --- how events look ---------------------------------------------------------------------------------------


def test_a_pipe_gets_words_calls_and_picture_paths_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = Words()
    for event in (
        ReasoningDelta("hm"),
        TextDelta("\n\nClaro"),
        TextDelta(", \x1b]0;title\x07va"),
        ToolCallReady(CALL),
        ToolProgress("1", 0.5, "step 15"),
        ToolFinished(ToolResult("1", "generate_image", "done", ("7",))),
        TextDelta("Listo."),
        Finished(1, 2, "complete", "Claro, va", (CALL,), ({"id": "7", "path": "/pictures/zorro.png"},), tokens=9),
    ):
        words.show(event)
    out, err = capsys.readouterr()
    assert out == (
        'Claro, ]0;titleva\n⚙ generate_image {"prompt": "un zorro", "steps": 30}\nListo.\n/pictures/zorro.png\n'
    )
    assert err == ""


def test_a_refused_call_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    words = Words()
    words.show(ToolCallReady(ToolCall("1", "generate_image", {}, "the JSON is cut off")))
    words.show(ToolFinished(ToolResult("1", "generate_image", "Not\nallowed.", error=True)))
    assert capsys.readouterr().out == "⚙ generate_image {} (the JSON is cut off)\n→ Not allowed.\n"


def test_json_holds_calls_pictures_and_half_characters(capsys: pytest.CaptureFixture[str]) -> None:
    JsonLines().show(ToolProgress("1", 0.5, preview=b"\x89PNG"))
    JsonLines().show(TextDelta("\ud83e"))
    JsonLines().show(Finished(1, 2, "error", "", (CALL,), ({"id": "7", "path": "/a.png"},), error="No memory."))
    progress, text, finished = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert progress == {"type": "tool_progress", "call_id": "1", "fraction": 0.5, "note": "", "preview": "iVBORw=="}
    assert text["text"] == "?"
    assert list(finished) == [*FINISHED, "error"]
    assert finished["tool_calls"] == [{"name": "generate_image", "arguments": {"prompt": "un zorro", "steps": 30}}]
    assert finished["images"] == [{"id": "7", "path": "/a.png"}]


# --- the starter model -------------------------------------------------------------------------------------


def test_the_starter_calls_for_a_picture_which_off_only_reports_and_not_for_a_greeting(thau: Thau) -> None:
    talk = "Dibuja un zorro rojo en el bosque\n¡Hola!\n"
    answered = thau("chat", "--fresh", "--tools", "off", "--json", "--seed", "1", "--temperature", "0", stdin=talk)
    assert answered.status == 0, answered.err
    picture, greeting = [event for event in answered.lines if event["type"] == "finished"]
    assert [call["name"] for call in picture["tool_calls"]] == ["generate_image"]
    # That the prompt is the right one is measured by tests/benchmarks/starter_quality.py.
    assert picture["tool_calls"][0]["arguments"]["prompt"]
    assert not any(event["type"] == "tool_finished" for event in answered.lines)
    assert greeting["text"].strip()
    assert greeting["tool_calls"] == []


def test_the_starters_draw_what_was_asked_for(thau: Thau, home: Path) -> None:
    (home / "settings.toml").write_text("[images]\nwidth = 256\nheight = 256\nsteps = 10\n")
    answered = thau(
        "chat", "--message", "Dibuja un zorro rojo en la nieve", "--json", "--seed", "1", "--temperature", "0"
    )
    assert answered.status == 0, answered.err
    (image,) = answered.lines[-1]["images"]
    assert image["prompt"].startswith("a red fox")
    with Image.open(image["path"]) as picture:
        assert picture.size == (256, 256)
        assert max(high - low for low, high in picture.getextrema()) > 60  # not all of one colour


def test_the_starter_says_that_a_picture_could_not_be_drawn_where_there_is_no_image_model(
    here: Thau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thau_desktop.models.image_catalog.resources", lambda: tmp_path)
    wish = "Dibuja un zorro rojo en el bosque"
    answered = here("chat", "--message", wish, "--json", "--seed", "1", "--temperature", "0")
    assert answered.status == 0, answered.err
    (result,) = [event["result"] for event in answered.lines if event["type"] == "tool_finished"]
    assert result["error"] and "Put an image model" in result["advice"]
    assert answered.lines[-1]["text"].endswith("No he podido crear la imagen. Arriba tienes el motivo.")
