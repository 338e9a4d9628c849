"""The studio: a request waits its turn, is drawn by the model in its child, and becomes a file, a row, a thumbnail."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from thau_desktop import __version__
from thau_desktop.errors import Action, ChildCrashed, ModelBroken, ModelMissing, OutOfMemory, ThauError
from thau_desktop.images.gallery import Gallery
from thau_desktop.images.metadata import gone
from thau_desktop.images.request import PictureRequest, from_settings, within_bounds
from thau_desktop.inference.drawing import DrawingMemory, DrawingRequest
from thau_desktop.inference.drawing_memory import smaller
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.messages import (
    DrawingEvent,
    DrawingFinished,
    DrawingNote,
    DrawingStep,
    Drawn,
    ImageReady,
    ModelReady,
)
from thau_desktop.settings import Settings
from thau_desktop.store.parts import now
from thau_desktop.store.pictures import Source
from thau_desktop.translation import _, ngettext_

WAIT_SECONDS = 0.05  # how often a waiting request looks at its cancel event
_RANDOM_SEEDS = 1 << 31
_WORTH_MOVING = 1 << 30  # bytes: less than this, and less than what lacks, is no help

_logger = logging.getLogger(__name__)


class Drawing(Protocol):
    """An image model that draws, wherever it runs. Its methods may raise a `ThauError`."""

    options: Any
    ready: ModelReady | None

    def load(self, cancel: threading.Event) -> Iterator[DrawingEvent]: ...

    def draw(self, request: DrawingRequest, cancel: threading.Event) -> Iterator[DrawingEvent]: ...

    def memory(self) -> DrawingMemory: ...

    def unload(self) -> None: ...

    def close(self) -> None: ...


class Models(Protocol):
    """Where image models are found."""

    def find(self, name: str = "") -> InstalledImageModel: ...


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One request in the queue, within bounds. Setting `cancel` stops it, running or waiting."""

    request: PictureRequest
    source: Source
    cancel: threading.Event
    conversation_id: int | None = None
    message_id: int | None = None


class Studio:
    """Draws one request at a time, in the order in which they came, each in the thread that iterates it."""

    def __init__(
        self,
        gallery: Gallery,
        models: Models,
        drawing: Callable[[InstalledImageModel], Drawing],
        settings: Callable[[], Settings],
        language_memory: Callable[[str], int] = lambda device: 0,
        language_unload: Callable[[], None] = lambda: None,
    ) -> None:
        """`drawing` makes the client of a model's child, which starts nothing before it is used; the same `options`
        mean the same child. `language_memory` says how many bytes of a device's memory the language model holds, and
        `language_unload` frees them until its next answer."""
        self.gallery = gallery
        self._models = models
        self._factory = drawing
        self._settings = settings
        self._language_memory = language_memory
        self._language_unload = language_unload
        self._drawing: Drawing | None = None
        self._jobs: deque[Job] = deque()
        self._turn = threading.Condition()
        self._ended = False

    # --- asking -----------------------------------------------------------------------------------------------

    def request(self, prompt: str, **given: Any) -> PictureRequest:
        """A request with the settings' and the model's numbers where none is `given` (None counts as not given)."""
        settings = self._settings()
        try:
            model = self._models.find(given.get("model") or "")
        except (ModelMissing, ModelBroken):
            model = None  # `generate` says it
        return from_settings(settings, prompt, model, **given)

    def generate(
        self,
        request: PictureRequest,
        cancel: threading.Event,
        *,
        source: Source = "gallery",
        conversation_id: int | None = None,
        message_id: int | None = None,
    ) -> Generator[DrawingEvent, None, None]:
        """Draw; the last event is `DrawingFinished`. A picture that is done is in the gallery with its `ImageReady`.

        Numbers out of bounds are moved within, each told by a `DrawingNote`. Raises what the model raises,
        `ModelMissing`, `DiskFull`, `StoreError`, and `OutOfMemory` with the action "draw_smaller" ("384x384").
        """
        if not request.prompt.strip():
            raise ThauError(_("There is nothing to draw."), _("Say what the picture shows."))
        model = self._models.find(request.model)
        if request.source is not None and not request.source.is_file():
            raise gone(request.source)
        asked, notes = within_bounds(request, model)
        job = Job(asked, source, cancel, conversation_id, message_id)
        with self._turn:
            self._refuse_when_ended()
            self._jobs.append(job)
        try:
            yield from map(DrawingNote, notes)
            if (yield from self._wait(job)):
                yield from self._draw(job, model, list(notes))
            else:
                yield DrawingFinished((), "stopped", notes)
        finally:
            with self._turn:
                self._jobs.remove(job)
                self._turn.notify_all()

    # --- the queue --------------------------------------------------------------------------------------------

    def running(self) -> Job | None:
        """What is being drawn now."""
        with self._turn:
            return self._jobs[0] if self._jobs else None

    def waiting(self) -> list[Job]:
        """What waits, in its order."""
        with self._turn:
            return list(self._jobs)[1:]

    @property
    def ready(self) -> ModelReady | None:
        """The model that was loaded last; None before."""
        drawing = self._drawing
        return None if drawing is None else drawing.ready

    def unload(self) -> None:
        """Free the image model's memory, unless it is drawing."""
        with self._turn:
            drawing = None if self._jobs else self._drawing
        if drawing is not None:
            drawing.unload()

    def renew(self) -> None:
        """End the model's process; the next picture begins a new one."""
        with self._turn:
            drawing, self._drawing = self._drawing, None
        if drawing is not None:
            drawing.close()

    def close(self) -> None:
        """End the model's process for good: what it draws ends as stopped, and nothing is begun. Safe to call twice."""
        with self._turn:
            self._ended = True
            drawing, self._drawing = self._drawing, None
            self._turn.notify_all()
        if drawing is not None:
            drawing.close()

    def _refuse_when_ended(self) -> None:
        if self._ended:
            raise ChildCrashed(_("{name} is closed.").format(name="THAU"))

    def _wait(self, job: Job) -> Generator[DrawingEvent, None, bool]:
        """Wait until the job is the first; False when it was stopped before."""
        told = 0
        while True:
            with self._turn:
                before = self._jobs.index(job)
                if job.cancel.is_set() or self._ended:
                    return False
                if before == 0:
                    return True
                if before == told:
                    self._turn.wait(WAIT_SECONDS)
                    continue
                told = before
            sentence = ngettext_("Waits: {n} drawing comes before it.", "Waits: {n} drawings come before it.", before)
            yield DrawingNote(sentence.format(n=before))

    # --- drawing ----------------------------------------------------------------------------------------------

    def _draw(self, job: Job, model: InstalledImageModel, notes: list[str]) -> Iterator[DrawingEvent]:
        asked, ids = job.request, list[int]()
        seed = secrets.randbelow(_RANDOM_SEEDS) if asked.seed is None else asked.seed
        drawing = self._drawing_of(model)
        made_room = self._make_room(drawing)
        if made_room:
            yield DrawingNote(
                _("The language model and the image model don't both fit into memory: the first comes back after.")
            )
        done = 0
        while True:
            first = done
            try:
                with _closing(drawing.draw(self._drawing_request(asked, seed, first), job.cancel)) as events:
                    for event in events:
                        if isinstance(event, Drawn):
                            done += 1
                            shown = self._keep(job, model, replace(event, number=first + event.number), ids, notes)
                        elif isinstance(event, DrawingStep):
                            shown = replace(event, number=first + event.number)
                        else:
                            shown = event
                        yield shown
                break
            except OutOfMemory as problem:
                if made_room or not self._language_memory(""):
                    raise _draw_smaller(problem, asked) from problem
                made_room = True
                self._language_unload()
                yield DrawingNote(_("Memory ran out: the language model leaves it, and comes back after."))
            except ChildCrashed:
                if not (job.cancel.is_set() or self._ended):  # who stops may have ended the model, too
                    raise
                break
        if made_room and not self.waiting():
            with contextlib.suppress(ThauError):
                drawing.unload()  # or the language model could not come back
        yield DrawingFinished(tuple(ids), "complete" if done == asked.count else "stopped", tuple(notes))

    def _drawing_of(self, model: InstalledImageModel) -> Drawing:
        """The model's client. One is kept: another model, or other options, end its process."""
        new = self._factory(model)
        with self._turn:
            self._refuse_when_ended()
            old = self._drawing
            if old is not None and old.options == new.options:
                return old
            self._drawing = new
        if old is not None:
            old.close()
        return new

    def _make_room(self, drawing: Drawing) -> bool:
        """Move the language model out of memory where the image model does not fit beside it; whether it was."""
        if not self._language_memory(""):
            return False
        memory = drawing.memory()
        lacking = memory.needed - memory.free
        held = self._language_memory(memory.device)
        if memory.resident or lacking <= 0 or held < min(lacking, _WORTH_MOVING):
            return False
        self._language_unload()
        return True

    def _drawing_request(self, asked: PictureRequest, seed: int, first: int) -> DrawingRequest:
        """What the model is asked, from picture number `first` on."""
        return DrawingRequest(
            prompt=asked.prompt,
            negative_prompt=asked.negative_prompt,
            steps=asked.steps,
            guidance=asked.guidance,
            width=asked.width,
            height=asked.height,
            seed=seed + first,
            count=asked.count - first,
            scheduler=asked.scheduler,
            source=asked.source,
            strength=asked.strength,
            loras=asked.loras,
            safety=self._settings().images.safety,
        )

    def _keep(
        self, job: Job, model: InstalledImageModel, drawn: Drawn, ids: list[int], notes: list[str]
    ) -> DrawingEvent:
        """Put a drawn picture into the gallery, unless the safety checker would not show it."""
        if drawn.unsafe:
            note = _("The model's safety checker withheld a picture. The settings of pictures can switch it off.")
            notes.append(note)
            return DrawingNote(note)
        picture = self.gallery.keep_drawn(
            drawn.pixels,
            _parameters(job, model, drawn),
            source=job.source,
            parent_id=job.request.parent_id,
            conversation_id=job.conversation_id,
            message_id=job.message_id,
        )
        ids.append(picture.id)
        return ImageReady(picture.id, drawn.number)


def _parameters(job: Job, model: InstalledImageModel, drawn: Drawn) -> dict[str, Any]:
    """Everything that draws the picture again, as its file and its row keep it."""
    asked = job.request
    parameters: dict[str, Any] = {
        "prompt": asked.prompt,
        "negative_prompt": asked.negative_prompt,
        "model": model.name,
        "width": drawn.width,
        "height": drawn.height,
        "steps": asked.steps,
        "guidance": asked.guidance,
        "seed": drawn.seed,
        "scheduler": asked.scheduler,
        "seconds": round(drawn.seconds, 3),
        "created": now(),
        "origin": job.source,
        "software": f"THAU {__version__}",
    }
    if asked.source is not None:
        parameters |= {"source_picture": asked.source.name, "strength": asked.strength}
    if asked.loras:
        parameters["loras"] = [{"file": lora.path.name, "strength": lora.strength} for lora in asked.loras]
    return parameters


def _draw_smaller(problem: OutOfMemory, asked: PictureRequest) -> OutOfMemory:
    """The same error with what a person can do: a size that takes less."""
    size = smaller(asked.width, asked.height)
    if size is None:
        return OutOfMemory(
            problem.what,
            _("Close other programs, or choose a smaller image model, then try again."),
            details=problem.details,
        )
    words = f"{size[0]} × {size[1]}"
    return OutOfMemory(
        problem.what,
        _("A smaller picture takes less: try {size}.").format(size=words),
        action=Action("draw_smaller", _("Draw at {size}").format(size=words), f"{size[0]}x{size[1]}"),
        details=problem.details,
    )


@contextlib.contextmanager
def _closing(events: Iterator[DrawingEvent]) -> Iterator[Iterator[DrawingEvent]]:
    """The events of a model, which is told to stop where they are not read to their end."""
    try:
        yield events
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
