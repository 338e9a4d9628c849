"""`thau chat`: a conversation in the terminal, one message, or a line of standard input for each message."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol

import typer

from thau_desktop.api.client import RemoteChat
from thau_desktop.app import Thau
from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import console, opened, printable
from thau_desktop.cli.turn_output import JsonLines, TurnOutput, Words, call_line
from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.messages import Finished, ToolCall, TurnEvent, TurnStarted
from thau_desktop.paths import Paths
from thau_desktop.settings import SettingsFile
from thau_desktop.translation import _

_LEAVE = {"salir", "exit", "quit"}
_CLEAR = {"limpiar", "clear"}
_HISTORY_LINES = 1000


class Tools(StrEnum):
    """What happens with a tool call: run, ask first, or only report it."""

    auto = "auto"
    ask = "ask"
    off = "off"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the flags ask of every turn; None: as the settings and the persona have it."""

    model: str
    persona: str
    tools: Tools | None
    seed: int | None
    temperature: float | None


def chat(
    message: Annotated[
        str | None, typer.Option("--message", "-m", help=_("One message; its answer, and done."))
    ] = None,
    model: Annotated[str, typer.Option("--model", help=_("The model that answers."))] = "",
    conversation: Annotated[int | None, typer.Option("--conversation", help=_("Go on with this conversation."))] = None,
    persona: Annotated[str, typer.Option("--persona", help=_("Who answers."))] = "",
    api: Annotated[str, typer.Option("--api", help=_("Talk with the THAU that serves this address."))] = "",
    tools: Annotated[
        Tools | None, typer.Option("--tools", help=_("Run the model's tool calls, ask first, or only report them."))
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help=_("A conversation of its own for each line."))] = False,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help=_("The same answer for the same seed."))] = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature", min=0.0, max=2.0, help=_("0 always takes the likeliest word."))
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each event."))] = False,
) -> None:
    if message is not None and not message.strip():
        raise typer.BadParameter(_("The message is empty."))
    if fresh and conversation is not None:
        raise typer.BadParameter(_("--fresh and --conversation exclude each other."))
    if api and tools is Tools.ask:
        raise typer.BadParameter(_("--tools ask is for the THAU here: one elsewhere can't ask you."))
    paths = Paths.find().create()
    with _turns(api, paths, Wishes(model, persona, tools, seed, temperature), conversation) as turns:
        output: TurnOutput = JsonLines() if json else Words(SettingsFile(paths.settings).load().chat.show_speed)
        session = _Session(turns, output, conversation)
        if message is not None:
            ended = session.say(message)
        elif json or not sys.stdin.isatty():
            ended = _lines(session, fresh)
        else:
            ended = _talk(session, paths.logs / "chat_history")
    if ended:
        raise typer.Exit(ended)


class Turns(Protocol):
    """Says something in a conversation, or in a new one, wherever the model is."""

    def turn(
        self, conversation_id: int | None, text: str, cancel: threading.Event
    ) -> Generator[TurnEvent, None, None]: ...


class _Here:
    """The THAU of this process."""

    def __init__(self, thau: Thau, wishes: Wishes) -> None:
        self._thau = thau
        self._wishes = wishes

    def turn(self, conversation_id: int | None, text: str, cancel: threading.Event) -> Generator[TurnEvent, None, None]:
        chat, wishes = self._thau.chat, self._wishes
        if conversation_id is None:
            conversation_id = self._thau.conversations.create(persona=wishes.persona, model=wishes.model).id
        sampling = chat.sampling(conversation_id, wishes.persona)
        if wishes.temperature is not None:
            sampling = replace(sampling, temperature=wishes.temperature)
        yield from chat.turn(
            conversation_id,
            text,
            cancel,
            permission=_ask,
            sampling=replace(sampling, seed=wishes.seed),
            tools=wishes.tools.value if wishes.tools else None,
            persona=wishes.persona,
            model=wishes.model,
        )


class _Elsewhere:
    """A THAU that serves its API."""

    def __init__(self, chat: RemoteChat, wishes: Wishes) -> None:
        self._chat = chat
        self._said = {
            "model": wishes.model,
            "persona": wishes.persona,
            "tools": wishes.tools.value if wishes.tools else None,
            "seed": wishes.seed,
            "temperature": wishes.temperature,
        }

    def turn(self, conversation_id: int | None, text: str, cancel: threading.Event) -> Generator[TurnEvent, None, None]:
        yield from self._chat.turn({**self._said, "message": text, "conversation": conversation_id}, cancel)


@contextlib.contextmanager
def _turns(api: str, paths: Paths, wishes: Wishes, conversation_id: int | None) -> Iterator[Turns]:
    """Where to talk. What is not here is told now, not after the first message."""
    if api:
        yield _Elsewhere(RemoteChat(api, paths), wishes)
        return
    with opened() as thau:
        _say_where_words_go(thau.models.find(wishes.model or thau.settings.model.name))
        if wishes.persona:
            thau.personas.get(wishes.persona)
        if conversation_id is not None:
            thau.conversations.get(conversation_id)
        yield _Here(thau, wishes)


def _say_where_words_go(model: InstalledModel) -> None:
    """On stderr, which no program reads as the answer."""
    if model.leaves:
        words = _("Your words leave this computer: {name} answers at {address}.")
        sys.stderr.write(words.format(name=printable(model.name), address=printable(model.address)) + "\n")


class _Session:
    """One conversation after another, made when its first message comes.

    Attributes: `conversation_id`, None before the first message and after `clear`.
    """

    def __init__(self, turns: Turns, output: TurnOutput, conversation_id: int | None) -> None:
        self.conversation_id = conversation_id
        self._turns = turns
        self._output = output

    def clear(self) -> None:
        """The next message begins a new conversation."""
        self.conversation_id = None

    def say(self, text: str) -> int:
        """One turn, shown as it happens; returns 0, 1 when it failed, 130 when it was stopped."""
        cancel = threading.Event()
        state = "error"
        turn = self._turns.turn(self.conversation_id, text, cancel)
        # Closed also when showing an event fails, so that the answer so far is kept.
        with first_interrupt_stops(cancel), contextlib.closing(turn) as events:
            for event in events:
                self._output.show(event)
                if isinstance(event, TurnStarted):
                    self.conversation_id = event.conversation_id
                elif isinstance(event, Finished):
                    state = event.state
                    if event.error:
                        sys.stderr.write(
                            _("Error: {what}").format(what=printable(" ".join(event.error.split()))) + "\n"
                        )
        return {"complete": 0, "stopped": 130}.get(state, 1)


def _lines(session: _Session, fresh: bool) -> int:
    """Each line of standard input is a message; the worst outcome is returned, and a stop ends it."""
    worst = 0
    for line in sys.stdin:
        text = line.strip().removeprefix("\ufeff")
        if not text:
            continue
        if fresh:
            session.clear()
        ended = session.say(text)
        if ended == 130:
            return ended
        worst = max(worst, ended)
    return worst


def _talk(session: _Session, history: Path) -> int:
    """The conversation at a terminal, until a word, Ctrl+D, or Ctrl+C at the prompt ends it."""
    out = console()
    out.print(_("Write a message. “exit” leaves, “clear” begins anew, Ctrl+C stops an answer."), style="dim")
    with _line_editing(history) as typed:
        while True:
            try:
                text = input("› " if _speaks_unicode() else "> ").strip()
            except EOFError:
                break
            except KeyboardInterrupt:
                out.print("")
                if typed():
                    continue  # as in a shell, the first Ctrl+C throws away what was being typed
                return 0
            if text.lower() in _LEAVE:
                return 0
            if text.lower() in _CLEAR:
                session.clear()
                out.print(_("A new conversation."), style="dim")
            elif text:
                session.say(text)
                out.print("")
    out.print("")
    return 0


def _ask(call: ToolCall) -> bool:
    """Whether a tool may run. Where nobody can answer, it may not."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    question = _("Run it? [y/N]")
    sys.stderr.write(f"{printable(call_line(call))}\n{question} ")
    sys.stderr.flush()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        answer = sys.stdin.readline().strip().lower()
    except KeyboardInterrupt:
        answer = ""
    finally:
        signal.signal(signal.SIGINT, before)
    return answer in {"y", "yes", "s", "si", "sí"}


@contextlib.contextmanager
def _line_editing(history: Path) -> Iterator[Callable[[], bool]]:
    """Arrows and history at the prompt where the system has readline; gives a function: was anything typed?"""
    try:
        import readline
    except ImportError:  # Windows, whose console edits lines by itself
        yield lambda: False
        return
    readline.set_history_length(_HISTORY_LINES)
    with contextlib.suppress(OSError):  # the first time there is none
        readline.read_history_file(history)
    try:
        yield lambda: bool(readline.get_line_buffer())
    finally:
        with contextlib.suppress(OSError):  # a history that can't be kept is no reason to fail
            os.close(os.open(history, os.O_CREAT | os.O_WRONLY, 0o600))
            readline.write_history_file(history)


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().startswith("utf")
