"""A diffusers image model: loads a folder or file, draws step by step. Imported only in the child.

The pipeline runs in a thread of its own that puts events into a queue, since it can't be paused between steps. It is
stopped in mid-step by a look at `cancel` before every block of its networks.
"""

from __future__ import annotations

import gc
import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch.nn.functional import interpolate

from thau_desktop.errors import Action, OutOfMemory
from thau_desktop.inference import (
    diffusion_arguments,
    diffusion_pipeline,
    diffusion_schedulers,
    diffusion_threads,
    drawing_memory,
    image_model_folder,
)
from thau_desktop.inference.diffusion_loras import Loras
from thau_desktop.inference.diffusion_preview import SMALL_VAE, Previews, can_preview
from thau_desktop.inference.diffusion_safety import SafetyChecker
from thau_desktop.inference.drawing import DrawingRequest
from thau_desktop.messages import DrawingNote, DrawingStep, Drawn, ModelReady
from thau_desktop.process_child import is_out_of_memory
from thau_desktop.translation import _

Event = DrawingNote | DrawingStep | Drawn
_Events = queue.SimpleQueue[Event | BaseException | None]

_logger = logging.getLogger(__name__)


class DiffusionModel:
    """A resident pipeline. One drawing at a time: the caller sees to that.

    Attributes:
        model: what its folder says of it.
        plan: how it lies over the memory.
        ready: what was loaded, as the event that says so.
    """

    def __init__(self, path: Path, *, name: str = "", device: str = "auto", thread_count: int = 0) -> None:
        """Read the parts. `thread_count` 0 measures.

        Raises `ModelMissing`, `ModelBroken` or `ModelUnsupported`; memory errors as they come.
        """
        started = time.perf_counter()
        self.model = image_model_folder.describe(path, name=name)
        self.device, dtype = diffusion_pipeline.device_and_dtype(device, self.model.kind)
        self.plan = diffusion_pipeline.plan(path, self.device, dtype)
        self._pipe = diffusion_pipeline.read(self.model, dtype)
        self._from_picture: Any = None
        self._placed: Any = None
        self._own_scheduler = self._pipe.scheduler
        self._brake = _Brake(self._pipe)
        self._loras = Loras(self._pipe)
        self._checker: SafetyChecker | None = None
        self._told: set[str] = set()
        parts = diffusion_pipeline.modules(self._pipe)
        parameters = sum(p.numel() for part in parts.values() for p in part.parameters())
        memory = sum(p.numel() * p.element_size() for part in parts.values() for p in part.parameters())
        self._place(self._pipe)
        self._previews = self._fit_previews()
        self._threads = self._choose_threads(thread_count) if self.device.type == "cpu" else 0
        self.ready = ModelReady(
            model=self.model.name,
            device=str(self.device),
            dtype=str(dtype).removeprefix("torch."),
            seconds=time.perf_counter() - started,
            parameters=parameters,
            memory=memory,
            context=0,
            threads=self._threads,
        )

    def draw(self, request: DrawingRequest, cancel: threading.Event) -> Iterator[Event]:
        """Yield notes, steps and a Drawn for each picture; when cancelled it just ends.

        Raises `OutOfMemory` with a smaller size to try, `ModelMissing`, `ModelBroken` or `ModelUnsupported` for a LoRA,
        `ThauError` for a source that can't be read.
        """
        events: _Events = queue.SimpleQueue()
        left = threading.Event()  # the one who iterates went away
        self._brake.pressed = lambda: cancel.is_set() or left.is_set()
        worker = threading.Thread(target=self._work, args=(request, events), name="drawing", daemon=True)
        worker.start()
        try:
            while (event := events.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            left.set()
            worker.join()
            self._brake.pressed = lambda: False

    def _work(self, request: DrawingRequest, events: _Events) -> None:
        """Draw, in a thread; None is the last thing it puts."""
        try:
            if self._threads:
                torch.set_num_threads(self._threads)  # OpenMP's number belongs to a thread
            self._draw(request, events.put)
        except _Stopped:
            pass
        except BaseException as problem:  # noqa: BLE001 - raised where the events are taken
            events.put(_short_of_memory(problem, request) if is_out_of_memory(problem) else problem)
        finally:
            self._put_away()
            events.put(None)

    def _draw(self, request: DrawingRequest, put: Callable[[Event], None]) -> None:
        def tell(text: str) -> None:
            put(DrawingNote(text))

        pipe = self._pipeline(request)
        self._place(pipe)
        self._loras.wear(request.loras)
        self._tell_once(self.plan.text, tell)
        checker = self._safety_checker(request, tell)
        values, size = diffusion_arguments.arguments(pipe, self.model, request, self._own_scheduler, tell)
        diffusion_pipeline.tile(pipe, self.plan, size, diffusion_pipeline.free_memory(self.device))
        for number in range(request.count):
            self._brake.look()
            started = time.perf_counter()
            seed = request.seed + number
            image = self._draw_one(pipe, values, size, request, number, put)
            image = diffusion_arguments.cropped(image, request.width, request.height)
            unsafe = checker.is_unsafe(image) if checker else None
            seconds = time.perf_counter() - started
            put(Drawn(number, image.width, image.height, image.tobytes(), seed, seconds, unsafe))

    def _draw_one(
        self,
        pipe: Any,
        values: dict[str, Any],
        size: tuple[int, int],
        request: DrawingRequest,
        number: int,
        put: Callable[[Event], None],
    ) -> Image.Image:
        started = time.perf_counter()
        previews = self._previews
        choice = diffusion_arguments.scheduler_name(self.model, request, self._own_scheduler)
        pipe.scheduler = diffusion_schedulers.make(self._own_scheduler, choice)  # nothing stays of the last picture
        if previews:
            previews.begin(size, request.preview_side)
            previews.watch(pipe.scheduler)

        def step_ended(_pipe: Any, step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            self._brake.look()
            steps = pipe.num_timesteps
            preview = previews.make(pipe.scheduler) if previews and step + 1 < steps else b""
            put(DrawingStep(number, step + 1, steps, time.perf_counter() - started, preview))
            return tensors

        output = pipe(
            **values,
            generator=torch.Generator("cpu").manual_seed(request.seed + number),  # the same noise on every device
            callback_on_step_end=step_ended,
            output_type="latent" if self.model.enlarges else "pil",
        )
        if self.model.enlarges:
            return self._enlarged(pipe, output.images, request)
        return output.images[0].convert("RGB")  # type: ignore[no-any-return]

    @torch.inference_mode()
    def _enlarged(self, pipe: Any, latents: torch.Tensor, request: DrawingRequest) -> Image.Image:
        """A picture of the size that was asked for, of latents that may have been drawn smaller."""
        width, height = diffusion_arguments.drawn_size(pipe, request.width, request.height)
        wanted = (height // pipe.vae_scale_factor, width // pipe.vae_scale_factor)
        if latents.shape[-2:] != wanted:
            latents = interpolate(latents.float(), size=wanted, mode="bilinear", antialias=True).to(latents.dtype)
        pixels = pipe.vae.decode(latents / pipe.vae.config.scaling_factor, return_dict=False)[0]
        return pipe.image_processor.postprocess(pixels, output_type="pil")[0].convert("RGB")  # type: ignore[no-any-return]

    def _pipeline(self, request: DrawingRequest) -> Any:
        if request.source is None:
            return self._pipe
        if self._from_picture is None:
            self._from_picture = diffusion_pipeline.image_to_image(self._pipe)
        return self._from_picture

    def _place(self, pipe: Any) -> None:
        """Lay out the pipeline that is to run: the one from words and the one from pictures share their parts."""
        if self._placed is not pipe:
            diffusion_pipeline.place(pipe, self.plan, self.device)
            self._placed = pipe

    def _safety_checker(self, request: DrawingRequest, tell: Callable[[str], None]) -> SafetyChecker | None:
        if not self.model.safety_checker:
            self._tell_once(_("{model} has no safety checker.").format(model=self.model.title), tell)
            return None
        if not request.safety:
            self._tell_once(_("The safety checker is off."), tell)
            return None
        if self._checker is None:
            self._checker = SafetyChecker(self.model.path)
        return self._checker

    def _tell_once(self, text: str, tell: Callable[[str], None]) -> None:
        if text and text not in self._told:
            self._told.add(text)
            tell(text)

    def _fit_previews(self) -> Previews | None:
        if not can_preview(self._pipe):
            return None
        size = sum(p.numel() for p in self._pipe.vae.parameters())
        return Previews(self._pipe, decode=size < SMALL_VAE and self.plan.placement in ("cpu", "gpu"))

    def _choose_threads(self, wish: int) -> int:
        size = sum(p.numel() for p in diffusion_pipeline.denoiser(self._pipe).parameters())
        return wish or diffusion_threads.choose(self._pipe, size)

    def _put_away(self) -> None:
        """Leave nothing of a drawing in memory, however it ended."""
        if self._previews:
            self._previews.begin((0, 0), 0)
        if self.plan.placement == "model offload":
            self._placed.maybe_free_model_hooks()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


class _Stopped(Exception):
    """The drawing was cancelled."""


class _Brake:
    """Ends a drawing in mid-step: a look before every block of the networks, so a second is long.

    Attributes:
        pressed: whether to stop, asked from the drawing's thread.
    """

    def __init__(self, pipe: Any) -> None:
        self.pressed: Callable[[], bool] = lambda: False
        for part in diffusion_pipeline.modules(pipe).values():
            for modules in part.modules():
                if isinstance(modules, torch.nn.ModuleList):
                    for block in filter(None, modules):  # a middle without attention holds None in its place
                        block.register_forward_pre_hook(lambda _module, _inputs: self.look())

    def look(self) -> None:
        """Raises `_Stopped` when pressed."""
        if self.pressed():
            raise _Stopped


def _short_of_memory(problem: BaseException, request: DrawingRequest) -> OutOfMemory:
    """The error that offers a smaller size. Its cause is left out, whose frames hold on to the memory."""
    details = "".join(traceback.format_exception(problem))
    _logger.error("out of memory\n%s", details)
    traceback.clear_frames(problem.__traceback__)
    gc.collect()
    what = _("Memory ran out while drawing {width}×{height}.").format(width=request.width, height=request.height)
    size = drawing_memory.smaller(request.width, request.height)
    if size is None:
        return OutOfMemory(what, _("Close other programs, or choose a smaller model."), details=details)
    label = _("Draw {width}×{height}").format(width=size[0], height=size[1])
    return OutOfMemory(
        what,
        _("Draw it smaller, close other programs, or choose a smaller model."),
        action=Action("draw_smaller", label, f"{size[0]}x{size[1]}"),
        details=details,
    )
