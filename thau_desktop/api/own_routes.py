"""THAU's own endpoints: how things stand, examples, trainings, pictures."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse

from thau_desktop import __version__, status
from thau_desktop.api import schemas
from thau_desktop.api.core import Api
from thau_desktop.api.problems import Problem, not_found
from thau_desktop.api.running import unless_gone
from thau_desktop.messages import DrawingFinished
from thau_desktop.store.examples import NewExample
from thau_desktop.store.pictures import Picture
from thau_desktop.training import intake
from thau_desktop.translation import _

_NEWEST = 20  # pictures that `/vision/examples` shows
_HEALTHY_SECONDS = 5.0
_PROMPTS = (
    "a red fox in a snowy forest, watercolour",
    "a cute robot reading a book, pixel art",
    "a lighthouse at sunset, oil painting",
)


def own_routes(api: Api) -> APIRouter:
    """The routes of one API."""
    routes = APIRouter()
    _add_state(routes, api)
    _add_examples(routes, api)
    _add_pictures(routes, api)
    return routes


def _add_state(routes: APIRouter, api: Api) -> None:
    @routes.get("/health", tags=["state"])
    async def health() -> schemas.Health:
        """Whether the service lives, and whether it is busy. Needs no token. 503 where its database can't be read."""
        try:
            async with asyncio.timeout(_HEALTHY_SECONDS):
                await asyncio.to_thread(api.thau.database.data_version)
        except TimeoutError:
            raise Problem(503, "store", _("The database does not answer."), headers={"Retry-After": "5"}) from None
        lines = [line.waiting + line.busy for line in (api.answering, api.drawing)]
        return schemas.Health(
            status="stopping" if api.stopping.is_set() else "ok",
            busy=any(lines) or api.training,
            answering=lines[0],
            drawing=lines[1],
            training=api.training,
            uptime_s=round(time.monotonic() - api.since, 1),
            version=__version__,
        )

    @routes.get("/status", tags=["state"])
    def status_now() -> schemas.StatusNow:
        """The model, the examples, the training: as `thau status`."""
        _settings = api.settings  # as they are now
        return schemas.StatusNow.model_validate(dataclasses.asdict(status.current(api.thau, api.ollama)))

    @routes.get("/stats", tags=["state"])
    def stats() -> schemas.Stats:
        """Counts of examples, pictures, versions and requests."""
        last = api.thau.runs.last_ended()
        return schemas.Stats(
            examples=api.thau.examples.counts(),
            for_review=api.thau.examples.for_review(),
            pictures=api.thau.pictures.count(),
            versions=[version.name for version in api.thau.versions.list()],
            last_training=None
            if last is None
            else {"state": last.state, "version": last.version, "ended_at": last.ended_at, "reasons": last.reasons},
            requests={str(number): many for number, many in sorted(api.statuses.items())},
            uptime_s=round(time.monotonic() - api.since, 1),
        )

    @routes.post("/service/start", tags=["training"])
    def service_start() -> schemas.NightlyTraining:
        """Let trainings begin by themselves at night from now on."""
        return _nightly(api, True)

    @routes.post("/service/stop", tags=["training"])
    def service_stop() -> schemas.NightlyTraining:
        """Let no training begin by itself any more; the API goes on, and so does a training that runs."""
        return _nightly(api, False)

    @routes.post("/training/force", tags=["training"], status_code=202)
    def training_force() -> schemas.TrainingBegun:
        """Begin a training now, however few examples wait. 409 where none can begin; `/status` tells how far it is."""
        _settings = api.settings
        begun = api.train()
        return schemas.TrainingBegun(
            run_id=begun.run_id, incumbent=begun.incumbent, examples=begun.new, resumed=begun.resumed
        )


def _nightly(api: Api, running: bool) -> schemas.NightlyTraining:
    api.thau.change("training", "auto", running)
    due = api.thau.next_training()
    return schemas.NightlyTraining(running=running, next_run=due.isoformat(timespec="seconds") if due else None)


def _add_examples(routes: APIRouter, api: Api) -> None:
    examples = api.thau.examples

    @routes.post("/training/add", tags=["training"])
    def training_add(one: schemas.NewExample) -> schemas.Added:
        """Add one example. It is on the disk when this answers."""
        taken = intake.add(examples, _example(one))
        notes: list[str] = []
        for finding in taken.findings:
            notes += [finding.kind] if isinstance(finding, intake.ExampleAlike) else finding.flags
        return schemas.Added(
            id=taken.example_id, added=taken.new, pending=examples.counts()["pending"], notes=list(dict.fromkeys(notes))
        )

    @routes.post("/training/batch", tags=["training"])
    def training_batch(batch: schemas.Batch) -> schemas.BatchAdded:
        """Add up to 10,000 examples, all or none. They are on the disk when this answers."""
        new = [_example(one) for one in batch.examples]
        with examples.database.bulk():
            taken = intake.add_all(examples, new, range(1, len(new) + 1))
        return schemas.BatchAdded(
            added=sum(one.new for one in taken),
            duplicates=sum(not one.new for one in taken),
            for_review=sum(isinstance(found, intake.ExampleFlagged) for one in taken for found in one.findings),
            pending=examples.counts()["pending"],
        )

    @routes.get("/examples/pending", tags=["training"])
    def examples_pending(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=(1 << 63) - 1)] = 0,
    ) -> schemas.Pending:
        """The examples that wait to be learned, oldest first."""
        found = examples.list("pending", limit=limit, offset=offset)
        names = set(schemas.PendingExample.model_fields)
        page = [{name: value for name, value in dataclasses.asdict(one).items() if name in names} for one in found]
        return schemas.Pending.model_validate({"total": examples.counts()["pending"], "examples": page})


def _example(one: schemas.NewExample) -> NewExample:
    source = one.metadata.get("source")
    return NewExample(one.instruction, one.output, source if isinstance(source, str) else "api", metadata=one.metadata)


def _add_pictures(routes: APIRouter, api: Api) -> None:
    @routes.post("/vision/generate", tags=["pictures"])
    async def vision_generate(asked: schemas.Draw, request: Request) -> schemas.Drawn:
        """Draw a picture; it is in the gallery when this answers. Going away stops it."""
        ids, notes = await draw(api, request, asked, count=1)
        return drawn(_picture(api, ids[0]), notes)

    @routes.get("/vision/image/{name}", tags=["pictures"], response_class=FileResponse)
    def vision_image(
        name: Annotated[str, Path(max_length=255, examples=["20260114_171500_a_cute_robot.png"])],
    ) -> FileResponse:
        """The file of a picture in the gallery."""
        picture = api.thau.pictures.by_file(name)  # only names that the gallery gave are known
        path = api.thau.gallery.path(picture) if picture is not None and picture.deleted_at is None else None
        inside = path is not None and path.resolve().parent == api.thau.gallery.folder.resolve()
        if path is None or not inside or not path.is_file():
            raise not_found(_("There is no picture of that name."), _("`/vision/examples` lists the newest."))
        return FileResponse(path, headers={"X-Content-Type-Options": "nosniff"})

    @routes.get("/vision/examples", tags=["pictures"])
    def vision_examples() -> schemas.VisionExamples:
        """Prompts to begin with, and the newest pictures."""
        newest = api.thau.pictures.ids()[:_NEWEST]
        pictures = {picture.id: picture for picture in api.thau.pictures.rows(newest)}
        return schemas.VisionExamples(
            prompts=list(_PROMPTS), examples=[drawn(pictures[one]) for one in newest if one in pictures]
        )


async def draw(api: Api, request: Request, asked: schemas.Draw, count: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Ids and notes of the pictures that were drawn. Raises `Problem` where none was."""
    studio = api.thau.studio
    _settings = api.settings
    wish = studio.request(
        asked.prompt,
        negative_prompt=asked.negative_prompt,
        steps=asked.num_inference_steps,
        guidance=asked.guidance_scale,
        width=asked.width,
        height=asked.height,
        seed=asked.seed,
        model=asked.model or None,
        count=count,
    )

    async def drawing() -> DrawingFinished | None:
        end = None
        async for event in api.run(api.drawing, lambda cancel: studio.generate(wish, cancel, source="api")):
            if isinstance(event, DrawingFinished):
                end = event
        return end

    end = await unless_gone(request.receive, drawing())
    if end is None or not end.ids:
        why = " ".join(end.notes) if end is not None else ""
        raise Problem(422, "not_drawn", why or _("The picture was not drawn."))
    return end.ids, end.notes


def drawn(picture: Picture, notes: tuple[str, ...] = ()) -> schemas.Drawn:
    """A picture as the API tells of it."""
    return schemas.Drawn(
        id=picture.id,
        image_url=f"/vision/image/{picture.file}",
        prompt=picture.prompt,
        negative_prompt=picture.negative_prompt,
        num_inference_steps=picture.steps,
        guidance_scale=picture.guidance,
        width=picture.width,
        height=picture.height,
        seed=picture.seed,
        model=picture.model,
        seconds=picture.seconds,
        notes=list(notes),
    )


def _picture(api: Api, picture_id: int) -> Picture:
    return api.thau.pictures.get(picture_id)
