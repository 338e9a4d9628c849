"""From the core's generators, which block, to the event loop, and back: who goes away cancels what runs for him."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

import anyio

from thau_desktop.api.access import Receive

T = TypeVar("T")


async def iterate(make: Callable[[threading.Event], Iterator[T]]) -> AsyncGenerator[T, None]:
    """Yield what the generator `make(cancel)` yields in a thread of its own.

    Closing this one, or cancelling its task, sets `cancel` and waits until the generator has ended: whoever stands next
    in line finds the model free.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[tuple[T | None, BaseException | None]] = asyncio.Queue()
    cancel, ended = threading.Event(), asyncio.Event()

    def tell(call: Callable[..., object], *args: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(call, *args)

    def run() -> None:
        problem: BaseException | None = None
        try:
            for event in make(cancel):
                tell(arrived.put_nowait, (event, None))
        except BaseException as raised:  # noqa: BLE001 - it is raised again where it is awaited
            problem = raised
        tell(arrived.put_nowait, (None, problem or _Ended()))
        tell(ended.set)

    threading.Thread(target=run, name="api call", daemon=True).start()
    try:
        while True:
            event, problem = await arrived.get()
            if isinstance(problem, _Ended):
                return
            if problem is not None:
                raise problem
            yield event  # type: ignore[misc]  # None only beside a problem
    finally:
        cancel.set()
        with anyio.CancelScope(shield=True):
            await ended.wait()


async def unless_gone(receive: Receive, work: Awaitable[T]) -> T | None:
    """What `work` gives; None where the client goes away before, which cancels it."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    working, watching = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        return None
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


class _Ended(Exception):
    """The generator came to its end."""
