"""THAU's own requests and answers. Strict: what is misspelled is told, not ignored."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from thau_desktop.images.request import GUIDANCE, SIDE, STEPS
from thau_desktop.translation import _

EVENT_STREAM = {  # of server-sent events, each with a JSON object in `data`
    "text/event-stream": {"schema": {"type": "object", "properties": {"data": {"type": "string"}}}}
}
BATCH = 10_000  # examples in one request
_TEXT = 200_000  # characters of one side of an example
_VISIBLE = r"[^\s\x00-\x1f\x7f-\x9f]"


def _not_empty(text: str) -> str:
    if not text.strip():
        raise ValueError(_("It is empty."))
    return text


def _plain_json(value: dict[str, Any]) -> dict[str, Any]:
    json.dumps(value, allow_nan=False)  # raises ValueError for NaN, which JSON does not have
    return value


Words = Annotated[str, Field(min_length=1, max_length=_TEXT, pattern=_VISIBLE), AfterValidator(_not_empty)]


class Body(BaseModel):
    """A request."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewExample(Body):
    """One example to learn from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "instruction": "¿Qué es el patrón Strategy?",
                    "output": "El patrón Strategy define una familia de algoritmos…",
                    "metadata": {"source": "manual"},
                }
            ]
        }
    )
    instruction: Words = Field(description="What a person says.")
    output: Words = Field(description="What the model is to answer.")
    metadata: Annotated[dict[str, Any], AfterValidator(_plain_json)] = Field(
        default={}, description="Anything to remember with it; `source` says where it comes from."
    )


class Batch(Body):
    """Many examples: all are kept, or none."""

    examples: list[NewExample] = Field(min_length=1, max_length=BATCH)


class Draw(Body):
    """A picture to draw. Numbers out of bounds are moved within, which `notes` of the answer tells."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"prompt": "a cute robot", "num_inference_steps": 30, "width": 512, "height": 512, "seed": 7}]
        }
    )
    prompt: Words
    negative_prompt: str = Field(default="", max_length=_TEXT)
    num_inference_steps: int | None = Field(default=None, description=f"{STEPS[0]} to {STEPS[1]}")
    width: int | None = Field(default=None, description=f"{SIDE[0]} to {SIDE[1]}, a multiple of 8")
    height: int | None = Field(default=None, description=f"{SIDE[0]} to {SIDE[1]}, a multiple of 8")
    guidance_scale: float | None = Field(
        default=None, allow_inf_nan=False, description=f"{GUIDANCE[0]} to {GUIDANCE[1]}"
    )
    seed: int | None = Field(default=None, description="The same number draws the same picture.")
    model: str = Field(default="", max_length=200, description="An image model; by default the one in the settings.")


class Say(Body):
    """A message in a conversation that THAU keeps, tools included: what the window and `thau chat` do."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": "Dibuja un gato azul"}]})
    message: Words
    conversation: int | None = Field(default=None, ge=1, le=(1 << 63) - 1, description="None: a new one.")
    model: str = Field(default="", max_length=200)
    persona: str = Field(default="", max_length=100)
    tools: Literal["auto", "off"] | None = None
    seed: int | None = Field(default=None, ge=0, le=(1 << 63) - 1)
    temperature: float | None = Field(default=None, ge=0, le=2)


# --- answers -------------------------------------------------------------------------------------------------


class Health(BaseModel):
    """`busy`: something is answered, drawn or trained; `waiting` requests stand in line."""

    status: Literal["ok", "stopping"] = Field(examples=["ok"])
    busy: bool
    answering: int = Field(description="Requests with the language model, waiting ones included.")
    drawing: int = Field(description="Requests with the image model, waiting ones included.")
    training: bool
    uptime_s: float
    version: str


class TrainingNow(BaseModel):
    state: Literal["idle", "running"]
    step: int | None
    steps: int | None
    loss: float | None


class Ollama(BaseModel):
    url: str
    version: str


class StatusNow(BaseModel):
    """As `thau status --json`."""

    model: str
    version: str | None
    pending: int
    trained: int
    total: int
    next_run: str | None
    last_run: str | None
    training: TrainingNow
    device: str
    ollama: Ollama | None


class Stats(BaseModel):
    """Counts of what is here, and of the requests since this service started."""

    examples: dict[str, int] = Field(examples=[{"pending": 12, "trained": 340}])
    for_review: int
    pictures: int
    versions: list[str]
    last_training: dict[str, Any] | None
    requests: dict[str, int] = Field(description="By status.", examples=[{"200": 31, "401": 2}])
    uptime_s: float


class Added(BaseModel):
    id: int
    added: bool = Field(description="False where the same example was here already.")
    pending: int
    notes: list[str] = Field(description="`duplicate`, `near_duplicate`, `contradiction`, or why it waits for a look.")


class BatchAdded(BaseModel):
    added: int
    duplicates: int
    for_review: int
    pending: int


class PendingExample(BaseModel):
    id: int
    instruction: str
    output: str
    source: str
    metadata: dict[str, Any]
    flags: list[str]
    review: bool = Field(description="Not learned before a person has looked at it.")
    created_at: str


class Pending(BaseModel):
    """`total` wait; `examples` are those of the page that was asked for, oldest first."""

    total: int
    examples: list[PendingExample]


class TrainingBegun(BaseModel):
    state: Literal["started"] = "started"
    run_id: int
    incumbent: str
    examples: int
    resumed: bool


class NightlyTraining(BaseModel):
    """Whether trainings begin by themselves, and when the next does."""

    running: bool
    next_run: str | None


class Drawn(BaseModel):
    id: int
    image_url: str = Field(examples=["/vision/image/20260114_171500_a_cute_robot.png"])
    prompt: str
    negative_prompt: str
    num_inference_steps: int
    guidance_scale: float
    width: int
    height: int
    seed: int
    model: str
    seconds: float
    notes: list[str] = []


class VisionExamples(BaseModel):
    """`prompts` to begin with, and the newest pictures with everything that draws them again."""

    prompts: list[str]
    examples: list[Drawn]
