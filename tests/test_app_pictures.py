"""Pictures in an open home: a call that becomes a picture, the end of its process, and what a start puts right."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest
from PIL import Image

from tests import tiny_pictures
from tests.chat.conftest import Scripted
from thau_desktop.app import Thau
from thau_desktop.errors import ChildCrashed
from thau_desktop.images.request import PictureRequest
from thau_desktop.inference.drawing_client import LocalDrawing
from thau_desktop.messages import DrawingFinished, DrawingStep, Finished, ToolFinished, ToolProgress

NEVER = threading.Event()
CALL = (
    '<TOOL:generate_image>{"prompt": "a red fox", "num_inference_steps": 4, "width": 256, "height": 256,'
    ' "guidance_scale": 1.5, "seed": 3}</TOOL>'
)


def test_a_message_becomes_a_picture_and_closing_ends_its_process(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_pictures.lcm(home / "models" / "tiny")
    backend = Scripted()
    backend.answers = [CALL, "Here it is.", CALL.replace("red fox", "blue fox")]
    with Thau(home) as thau:
        monkeypatch.setattr(thau, "backend", lambda name: backend)
        thau.change("model", "threads", 1)
        thau.change("images", "model", "tiny")
        conversation = thau.conversations.create().id
        events = list(thau.chat.turn(conversation, "draw a fox", NEVER))
        finished = events[-1]
        assert isinstance(finished, Finished) and finished.state == "complete" and finished.text == "Here it is."
        (image,) = finished.images
        picture = thau.pictures.get(int(image["id"]))
        assert image["path"] == str(thau.gallery.path(picture)) and image["prompt"] == picture.prompt == "a red fox"
        assert (picture.conversation_id, picture.message_id) == (conversation, finished.message_id)
        assert any(isinstance(event, ToolProgress) and event.fraction == 1 for event in events)
        assert any(isinstance(event, ToolFinished) and event.result.images == (image["id"],) for event in events)

        drawing = thau.studio._drawing
        assert isinstance(drawing, LocalDrawing)
        pid = drawing._child.pid
        assert pid is not None and psutil.pid_exists(pid)
        cancel = threading.Event()
        stopped = thau.studio.generate(PictureRequest("x", steps=50, guidance=1.0, width=256, height=256), cancel)
        for event in stopped:
            if isinstance(event, DrawingStep):
                cancel.set()
        assert event == DrawingFinished((), "stopped")
        assert psutil.pid_exists(pid), "the model stays for the next picture"

        running = thau.studio.generate(PictureRequest("x", steps=50, guidance=1.0, width=256, height=256), NEVER)
        assert any(isinstance(event, DrawingStep) for event in running)
        thau.end_model()
        assert not psutil.pid_exists(pid)
        assert list(running)[-1] == DrawingFinished((), "stopped")
        with pytest.raises(ChildCrashed):
            next(thau.studio.generate(PictureRequest("x"), NEVER))
        assert thau.pictures.count() == 1
    with Thau(home) as again:
        assert again.gallery.facts(image["id"]) == image


def test_a_start_adopts_what_lies_among_the_pictures(home: Path) -> None:
    (home / "generated_images").mkdir()
    Image.new("RGB", (30, 20)).save(home / "generated_images" / "20260101_000000_fox.png")
    with Thau(home) as thau:
        thau._chores.join()
        assert thau.pictures.by_file("20260101_000000_fox.png") is not None
        assert [tool.name for tool in thau.tools.list()] == ["generate_image"]


def test_pictures_that_can_not_be_tidied_keep_nobody_from_working(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*values: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("thau_desktop.images.gallery.Gallery.tidy", broken)
    with Thau(home) as thau:
        assert thau.pictures.count() == 0
    assert "could not be tidied" in (home / "logs" / "thau_service.log").read_text()
