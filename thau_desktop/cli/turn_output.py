"""How the events of a turn look: on a terminal as words that arrive, with `--json` as a line an event."""

from __future__ import annotations

import json
import sys
from typing import Any, Protocol

from thau_desktop.cli.output import console, print_json, printable
from thau_desktop.event_records import record_of
from thau_desktop.messages import (
    ContextFitted,
    Finished,
    ModelLoading,
    ReasoningDelta,
    TextDelta,
    ToolCall,
    ToolCallReady,
    ToolFinished,
    ToolProgress,
    TurnEvent,
)
from thau_desktop.translation import _, ngettext_

_RESULT_LENGTH = 200  # characters of a tool's answer that are shown


class TurnOutput(Protocol):
    """Shows one event of a turn at once."""

    def show(self, event: TurnEvent) -> None: ...


class JsonLines:
    """A line an event; the last one of a turn is the finished object that scripts rely on."""

    def show(self, event: TurnEvent) -> None:
        print_json(finished_record(event) if isinstance(event, Finished) else record_of(event))


class Words:
    """The answer as it arrives. Notes are dim; where stdout is no terminal only answer, calls and pictures are written.

    Attributes: `show_speed`, whether a faint line tells tokens per second.
    """

    def __init__(self, show_speed: bool = True) -> None:
        self.show_speed = show_speed
        self._terminal = sys.stdout.isatty()
        self._console = console()
        self._notes = console(sys.stderr)
        self._line_open = False
        self._passing = False
        self._answered = False
        self._style = ""

    def show(self, event: TurnEvent) -> None:
        self._wipe_passing_note()
        match event:
            case ModelLoading(model, needed, free) if needed and free:
                words = _("Loading {model}: about {needed:.1f} GB of {free:.1f} GB free…")
                self._pass(words.format(model=model, needed=needed / 1e9, free=free / 1e9))
            case ModelLoading(model):
                self._pass(_("Loading {model}…").format(model=model))
            case ContextFitted(dropped=dropped) if dropped:
                text = ngettext_("{n} old message left out", "{n} old messages left out", dropped)
                self._note(text.format(n=dropped))
            case ReasoningDelta(text) if self._terminal:
                self._write(text, "dim italic")
            case TextDelta(text):
                self._write(text)
            case ToolCallReady(call):
                self._line(call_line(call), "dim")
            case ToolProgress(fraction=fraction, note=note):
                self._pass(f"{fraction:.0%} {note}")
            case ToolFinished(result) if result.error or not result.images:
                self._line(f"→ {shortened(result.words)}", "red" if result.error else "dim")
            case Finished():
                self._finish(event)

    def _finish(self, event: Finished) -> None:
        self._end_line()
        for image in event.images:
            self._line(str(image.get("path", "")))
        if event.state == "stopped":
            self._note(_("stopped"))
        if self._terminal and self.show_speed and event.tokens:
            speed = _("{speed:.1f} tok/s · first after {first:.1f} s · {tokens} tokens")
            self._note(
                speed.format(speed=event.tokens_per_second, first=event.time_to_first_token_s, tokens=event.tokens)
            )

    def _write(self, text: str, style: str = "") -> None:
        shown = printable(text)
        if style != self._style:
            self._end_line()
        if not self._answered or style != self._style:
            shown = shown.lstrip("\n")
        if not shown:
            return
        self._answered, self._style = True, style
        if style and self._terminal:
            self._console.print(shown, style=style, end="")
        else:
            sys.stdout.write(shown)
        sys.stdout.flush()
        self._line_open = not shown.endswith("\n")

    def _line(self, text: str, style: str = "") -> None:
        self._end_line()
        self._console.print(printable(text), style=style or None)
        sys.stdout.flush()

    def _end_line(self) -> None:
        if self._line_open:
            sys.stdout.write("\n")
            sys.stdout.flush()
        self._line_open = False

    def _note(self, text: str) -> None:
        """A dim line for a person who watches; a pipe does not get it."""
        if self._terminal:
            self._line(text, "dim")

    def _pass(self, text: str) -> None:
        """A note that the next event wipes away."""
        if self._terminal and sys.stderr.isatty() and not self._console.is_dumb_terminal:
            self._end_line()
            self._notes.print(
                printable(text), style="dim", end="\r", soft_wrap=False, overflow="ellipsis", no_wrap=True
            )
            self._passing = True

    def _wipe_passing_note(self) -> None:
        if self._passing:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
        self._passing = False


def finished_record(event: Finished) -> dict[str, Any]:
    """The object that ends each turn with `--json`. `error` is there only when something went wrong."""
    record: dict[str, Any] = {
        "type": "finished",
        "text": event.text,
        "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in event.tool_calls],
        "images": [dict(image) for image in event.images],
        "model": event.model,
        "tokens": event.tokens,
        "tokens_per_second": event.tokens_per_second,
        "time_to_first_token_s": event.time_to_first_token_s,
    }
    if event.error:
        record["error"] = event.error
    return record


def call_line(call: ToolCall) -> str:
    """A call in one line, such as `generate_image {"prompt": "a red fox"}`."""
    line = f"⚙ {call.name} {json.dumps(call.arguments, ensure_ascii=False)}"
    return f"{line} ({call.problem})" if call.problem else line


def shortened(text: str) -> str:
    """`text` in one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= _RESULT_LENGTH else f"{line[: _RESULT_LENGTH - 1]}…"
