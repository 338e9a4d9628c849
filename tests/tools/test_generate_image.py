"""The image tool of the contract, drawing in the studio."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from tests.images.conftest import Atelier
from thau_desktop.errors import ModelMissing, ToolRefused
from thau_desktop.messages import Text, ToolCall, ToolFinished, ToolProgress, ToolResult
from thau_desktop.store.conversations import Conversations
from thau_desktop.tools.generate_image import image_tool, studio_tool
from thau_desktop.tools.registry import Registry, ToolContext, ToolEvent


def run(atelier: Atelier, cancel: threading.Event | None = None, **arguments: Any) -> list[ToolEvent]:
    context = ToolContext("c1", cancel or threading.Event())
    call = ToolCall("c1", "generate_image", {"prompt": "a red fox", **arguments})
    return list(Registry([studio_tool(atelier.studio)]).run(call, context))


def result(events: list[ToolEvent]) -> ToolResult:
    assert isinstance(events[-1], ToolFinished) and sum(isinstance(event, ToolFinished) for event in events) == 1
    return events[-1].result


def test_the_image_tool_has_the_arguments_of_the_contract() -> None:
    schema = image_tool(lambda context, request: iter(())).schema
    assert schema["required"] == ["prompt"]
    bounds = {name: (kind.get("minimum"), kind.get("maximum")) for name, kind in schema["properties"].items()}
    assert bounds == {
        "prompt": (None, None),
        "negative_prompt": (None, None),
        "num_inference_steps": (10, 100),
        "guidance_scale": (1.0, 20.0),
        "width": (256, 1024),
        "height": (256, 1024),
        "seed": (None, None),
    }


def test_a_call_becomes_a_picture_and_its_id(atelier: Atelier) -> None:
    asked = {"num_inference_steps": 12, "guidance_scale": 5.5, "width": 256, "height": 320, "seed": 9}
    events = run(atelier, negative_prompt="rain", **asked)
    done = result(events)
    (image,) = done.images
    assert json.loads(done.content) == {"status": "done", "image": image} and not done.error
    picture = atelier.pictures.get(int(image))
    assert (picture.prompt, picture.negative_prompt, picture.source) == ("a red fox", "rain", "chat")
    assert (picture.steps, picture.guidance, picture.width, picture.height, picture.seed) == (12, 5.5, 256, 320, 9)
    progress = [event for event in events if isinstance(event, ToolProgress)]
    fractions = [event.fraction for event in progress]
    assert fractions == sorted(fractions) and (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert any(event.preview for event in progress) and any("Loading" in event.note for event in progress)


def test_what_is_not_given_is_as_the_settings_say(atelier: Atelier) -> None:
    images = atelier.settings.images.model_copy(update={"preset": "fast", "steps": 11})
    atelier.settings = atelier.settings.model_copy(update={"images": images})
    picture = atelier.pictures.get(int(result(run(atelier)).images[0]))
    assert (picture.width, picture.height, picture.steps, picture.guidance) == (384, 384, 11, 7.5)


def test_numbers_out_of_bounds_are_clamped_and_said_in_the_result(atelier: Atelier) -> None:
    done = result(run(atelier, num_inference_steps=5, guidance_scale=25, width=4096, height=256))
    picture = atelier.pictures.get(int(done.images[0]))
    assert (picture.steps, picture.guidance, picture.width, picture.height) == (10, 20.0, 1024, 256)
    notes = json.loads(done.content)["notes"]
    assert len(notes) == 3 and not done.error and "10 was used" in notes[0]


def test_the_picture_knows_its_conversation_and_the_conversation_its_picture(atelier: Atelier) -> None:
    conversations = Conversations(atelier.pictures.database)
    conversation = conversations.create().id
    message = conversations.add_message(conversation, "assistant", (Text("x"),)).id
    context = ToolContext("c1", threading.Event(), conversation, message)
    tools = Registry([studio_tool(atelier.studio)])
    done = result(list(tools.run(ToolCall("c1", "generate_image", {"prompt": "x", "width": 256}), context)))
    picture = atelier.pictures.get(int(done.images[0]))
    assert (picture.conversation_id, picture.message_id) == (conversation, message)
    facts = atelier.gallery.facts(done.images[0])
    assert facts["path"] == str(atelier.gallery.path(picture)) and facts["prompt"] == "x" and not facts["deleted"]
    atelier.gallery.delete([picture.id])
    assert atelier.gallery.facts(done.images[0])["deleted"]
    assert atelier.gallery.facts("nonsense")["deleted"] and atelier.gallery.facts("99")["deleted"]


def test_a_stop_is_a_refusal_in_words(atelier: Atelier) -> None:
    cancel = threading.Event()
    atelier.drawing.before_step = lambda number, step: cancel.set() if step == 3 else None
    with pytest.raises(ToolRefused, match="Stopped"):
        run(atelier, cancel)
    assert atelier.pictures.count() == 0


def test_a_withheld_picture_is_said(atelier: Atelier) -> None:
    atelier.drawing.unsafe = True
    with pytest.raises(ToolRefused, match="safety checker"):
        run(atelier)


def test_a_missing_model_is_said_with_what_to_do(atelier: Atelier) -> None:
    atelier.models.clear()
    with pytest.raises(ModelMissing):
        run(atelier)
