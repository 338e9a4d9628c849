"""The tool that draws. Its arguments are the contract's; the studio that draws for it is given from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

from thau_desktop.messages import ToolFinished, ToolResult
from thau_desktop.tools.registry import Tool, ToolContext, ToolEvent, bounded
from thau_desktop.translation import _

STEPS, GUIDANCE, SIDE = (10, 100), (1.0, 20.0), (256, 1024)


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What to draw, within bounds. None: as the settings say. `notes` say what was changed to get within bounds."""

    prompt: str
    negative_prompt: str = ""
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    notes: tuple[str, ...] = ()


Draw = Callable[[ToolContext, ImageRequest], Iterator[ToolEvent]]


def not_yet(context: ToolContext, request: ImageRequest) -> Iterator[ToolEvent]:
    """Stands in for the studio: says plainly that nothing was drawn."""
    words = " ".join([_("Drawing is not in this version of THAU yet: no picture was made."), *request.notes])
    yield ToolFinished(ToolResult(context.call_id, "generate_image", words, error=True))


def image_tool(draw: Draw = not_yet) -> Tool:
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
            within_bounds(
                ImageRequest(prompt, negative_prompt, num_inference_steps, guidance_scale, width, height, seed)
            ),
        )

    return Tool.of(generate_image)


def within_bounds(request: ImageRequest) -> ImageRequest:
    """The request with every number within the contract's bounds, and a note for each that was not."""
    notes: list[str] = []

    def clamp(name: str, value: float | None, bounds: tuple[float, float]) -> float | None:
        if value is None:
            return None
        kept = min(max(value, bounds[0]), bounds[1])
        if kept != value:
            sentence = _("{name} {value} is out of bounds: {kept} was used.")
            notes.append(sentence.format(name=name, value=value, kept=kept))
        return kept

    steps = clamp("num_inference_steps", request.num_inference_steps, STEPS)
    guidance = clamp("guidance_scale", request.guidance_scale, GUIDANCE)
    width, height = clamp("width", request.width, SIDE), clamp("height", request.height, SIDE)
    return ImageRequest(
        request.prompt.strip(),
        request.negative_prompt.strip(),
        None if steps is None else int(steps),
        guidance,
        None if width is None else int(width),
        None if height is None else int(height),
        request.seed,
        tuple(notes),
    )
