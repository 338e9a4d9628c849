"""The tool that draws. Its arguments are the contract's; the studio draws for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

from thau_desktop.errors import ToolRefused
from thau_desktop.images.request import GUIDANCE, SIDE, STEPS
from thau_desktop.images.studio import Studio
from thau_desktop.messages import (
    DrawingFinished,
    DrawingNote,
    DrawingStep,
    ModelLoading,
    ToolFinished,
    ToolProgress,
    ToolResult,
)
from thau_desktop.tools.registry import Tool, ToolContext, ToolEvent, bounded
from thau_desktop.translation import _

NAME = "generate_image"


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What the model asks for, as it asks for it. None: as the settings say."""

    prompt: str
    negative_prompt: str | None = None
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    width: int | None = None
    height: int | None = None
    seed: int | None = None


Draw = Callable[[ToolContext, ImageRequest], Iterator[ToolEvent]]


def image_tool(draw: Draw) -> Tool:
    """The tool `generate_image`, drawing with `draw`."""

    def generate_image(
        context: ToolContext,
        prompt: str,
        negative_prompt: str = "",
        num_inference_steps: Annotated[int | None, bounded(*STEPS)] = None,
        guidance_scale: Annotated[float | None, bounded(*GUIDANCE)] = None,
        width: Annotated[int | None, bounded(*SIDE)] = None,
        height: Annotated[int | None, bounded(*SIDE)] = None,
        seed: int | None = None,
    ) -> Iterator[ToolEvent]:
        """Draws a picture and shows it to the user.

        Args:
            prompt: What the picture shows, in English, with subject, place and style.
            negative_prompt: What must not be in it.
            num_inference_steps: Steps of drawing; more are slower and finer.
            guidance_scale: How closely the picture follows the prompt.
            width: Width in pixels.
            height: Height in pixels.
            seed: The same number draws the same picture again.
        """
        yield from draw(
            context,
            ImageRequest(prompt, negative_prompt, num_inference_steps, guidance_scale, width, height, seed),
        )

    return Tool.of(generate_image)


def studio_tool(studio: Studio) -> Tool:
    """The tool, drawing in the studio. What is out of bounds is moved within, and the result says so."""

    def draw(context: ToolContext, asked: ImageRequest) -> Generator[ToolEvent, None, None]:
        given = asdict(asked)
        request = studio.request(
            given.pop("prompt"),
            steps=given.pop("num_inference_steps"),
            guidance=given.pop("guidance_scale"),
            **given,
        )
        fraction = 0.0
        yield ToolProgress(context.call_id, fraction)
        for event in studio.generate(
            request,
            context.cancel,
            source="chat",
            conversation_id=context.conversation_id or None,
            message_id=context.message_id or None,
        ):
            match event:
                case ModelLoading(model):
                    yield ToolProgress(context.call_id, fraction, _("Loading {model}…").format(model=model))
                case DrawingNote(text):
                    yield ToolProgress(context.call_id, fraction, text)
                case DrawingStep(step=step, steps=steps, preview=preview):
                    fraction = step / max(steps, 1)
                    note = _("Step {step} of {steps}").format(step=step, steps=steps)
                    yield ToolProgress(context.call_id, fraction, note, preview)
                case DrawingFinished(ids, state, notes):
                    yield ToolFinished(_result(context.call_id, ids, state, notes))

    return image_tool(draw)


def _result(call_id: str, ids: tuple[int, ...], state: str, notes: tuple[str, ...]) -> ToolResult:
    """What the model reads: `{"status": "done", "image": "7"}`, with notes where something was changed."""
    if not ids:
        raise ToolRefused(" ".join(notes) if notes and state == "complete" else _("Stopped before it was drawn."))
    content: dict[str, object] = {"status": "done", "image": str(ids[0])}
    if notes:
        content["notes"] = list(notes)
    images = tuple(str(picture_id) for picture_id in ids)
    return ToolResult(call_id, NAME, json.dumps(content, ensure_ascii=False), images)
