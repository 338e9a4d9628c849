"""The values that every floor and every face exchange: messages made of typed parts, and typed events.

A long operation is a generator of the events below. They are frozen dataclasses, so they are safe to
pickle across processes and to hand from thread to thread.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]

# --- parts of a message ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Words, in Markdown when the role is assistant."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought before it answered; `seconds` is how long."""

    text: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file that the user dropped into the composer."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for. `problem` says why it can't be run when its JSON is not usable."""

    id: str
    name: str
    arguments: dict[str, Any]
    problem: str = ""


def new_call_id() -> str:
    """For a call that came without one."""
    return f"call_{uuid.uuid4().hex[:12]}"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered: `content` is what the model reads, `images` are ids of pictures in the store.

    After an error, `advice` tells the person what to do. The model does not read it: a small one loses its way in it.
    """

    call_id: str
    name: str
    content: str
    images: tuple[str, ...] = ()
    error: bool = False
    advice: str = ""

    @property
    def words(self) -> str:
        """All that a person reads of it."""
        return f"{self.content} {self.advice}".strip()


Part = Text | Reasoning | Attachment | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a model sees it. An assistant message holds its calls and their results in order."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The visible words, without reasoning, calls and results."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


# --- generation ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. `temperature` 0 is greedy; `seed` None is a fresh one each time."""

    temperature: float = 0.7
    top_p: float = 0.9
    top_k: int = 40
    repetition_penalty: float = 1.0
    max_new_tokens: int = 1024
    seed: int | None = None


# --- events of a backend -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelLoading:
    """A model is being read from disk; it will take about `needed` bytes of the `free` ones (0: not known)."""

    model: str
    needed: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True)
class ModelReady:
    """A model is resident. `memory` in bytes, `context` in tokens."""

    model: str
    device: str
    dtype: str
    seconds: float
    parameters: int
    memory: int
    context: int
    threads: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More words of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More words of the reasoning before the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class GenerationDone:
    """The model stopped: at its end token (`stop`), at the token limit (`length`) or because it was told to
    (`cancelled`). `tokens` were generated in `seconds`, the first after `first_token_seconds`."""

    reason: Literal["stop", "length", "cancelled"]
    tokens: int
    seconds: float
    first_token_seconds: float
    prompt_tokens: int = 0


# --- events of a turn ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The user's message and an empty answer are in the store."""

    conversation_id: int
    user_message_id: int
    assistant_message_id: int


@dataclass(frozen=True, slots=True)
class ContextFitted:
    """The prompt was fitted: `used` of `limit` tokens, `dropped` oldest messages left out."""

    used: int
    limit: int
    dropped: int = 0
    summarised: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    """The model began to write a call of this tool; its arguments are still arriving."""

    name: str


@dataclass(frozen=True, slots=True)
class ToolCallReady:
    """A whole call was read."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A running tool is at `fraction` (0 to 1); `preview` is an optional small picture (JPEG)."""

    call_id: str
    fraction: float
    note: str = ""
    preview: bytes = b""


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A tool answered."""

    result: ToolResult


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a turn. `state` as stored; `text` is the visible answer of all rounds; `error_kind` names the
    class of the `ThauError` that `error` says, such as "ModelBroken"."""

    conversation_id: int
    message_id: int
    state: Literal["complete", "stopped", "error"]
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    images: tuple[dict[str, Any], ...] = ()
    model: str = ""
    tokens: int = 0
    tokens_per_second: float = 0.0
    time_to_first_token_s: float = 0.0
    context_used: int = 0
    context_limit: int = 0
    error: str = ""
    error_kind: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


# --- events of drawing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DrawingNote:
    """A sentence about how it is drawn: what was moved out of memory, which measures save some."""

    text: str


@dataclass(frozen=True, slots=True)
class DrawingStep:
    """Picture `number` (from 0) is at `step` of `steps` after `seconds`; `preview` is a small JPEG or empty."""

    number: int
    step: int
    steps: int
    seconds: float
    preview: bytes = b""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Picture `number` is drawn: `pixels` are RGB, 8 bits each, row by row. `seed` draws it again; `unsafe` is what the
    model's safety checker says, None where the model has none or it is off."""

    number: int
    width: int
    height: int
    pixels: bytes
    seed: int
    seconds: float
    unsafe: bool | None = None


@dataclass(frozen=True, slots=True)
class ImageReady:
    """A picture is in its file and in the store."""

    id: int
    number: int


@dataclass(frozen=True, slots=True)
class DrawingFinished:
    """The last event of a drawing: the ids of its pictures, and whether it was stopped before the last."""

    ids: tuple[int, ...]
    state: Literal["complete", "stopped"]
    notes: tuple[str, ...] = ()


# --- events of an export ---------------------------------------------------------------------------------

ExportStage = Literal["merging", "writing", "checking", "hashing", "uploading", "creating", "asking", "switching"]


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """A stage is at `done` of `total`: bytes, or questions while a created model is asked."""

    stage: ExportStage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Exported:
    """The last event of an export: `path` is whole and was read back, or it was stopped and nothing is there.

    `commands` are lines that a person types to use it.
    """

    path: str
    bytes: int
    seconds: float
    sha256: str = ""
    state: Literal["complete", "stopped"] = "complete"
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pushed:
    """The last event of a push to Ollama: `name` answers there, as `latest` too; `removed` are old versions.

    Stopped, or with nothing to do, all is as it was there.
    """

    name: str
    latest: str
    seconds: float
    removed: tuple[str, ...] = ()
    state: Literal["complete", "stopped"] = "complete"
    commands: tuple[str, ...] = ()


ExportEvent = ExportProgress | Exported
PushEvent = ExportProgress | Pushed
DrawingEvent = ModelLoading | ModelReady | DrawingNote | DrawingStep | Drawn | ImageReady | DrawingFinished
BackendEvent = ModelLoading | ModelReady | TextDelta | ReasoningDelta | GenerationDone | ToolCallStarted | ToolCallReady
TurnEvent = (
    TurnStarted
    | ModelLoading
    | ModelReady
    | ContextFitted
    | TextDelta
    | ReasoningDelta
    | ToolCallStarted
    | ToolCallReady
    | ToolProgress
    | ToolFinished
    | Finished
)
