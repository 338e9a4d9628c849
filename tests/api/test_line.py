"""One line before the one model: order, positions, 429, and who goes away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from thau_desktop.api.line import Line
from thau_desktop.api.problems import Problem
from thau_desktop.api.running import iterate, unless_gone


def test_each_waits_for_those_before_and_is_told_how_many_they_are() -> None:
    told: dict[int, list[int]] = {}
    served: list[int] = []

    async def one(line: Line, number: int) -> None:
        async with line.place() as place:
            told[number] = [ahead async for ahead in place.ahead()]
            served.append(number)
            await asyncio.sleep(0.01)

    async def all_of_them() -> None:
        line = Line()
        await asyncio.gather(*(one(line, number) for number in range(4)))
        assert not line.busy and line.waiting == 0

    asyncio.run(all_of_them())
    assert served == [0, 1, 2, 3]
    assert told == {0: [], 1: [1], 2: [2, 1], 3: [3, 2, 1]}


def test_too_many_are_sent_away_with_a_time_to_come_back() -> None:
    async def crowd() -> None:
        line = Line(waiting=1)
        async with line.place(), line.place():
            with pytest.raises(Problem) as refused:
                async with line.place():
                    pass
            assert refused.value.status == 429 and int(refused.value.headers["Retry-After"]) >= 1
        async with line.place() as place:
            assert [ahead async for ahead in place.ahead()] == []

    asyncio.run(crowd())


def test_who_leaves_the_line_holds_nobody_up() -> None:
    async def leaving() -> None:
        line = Line()

        async def wait() -> None:
            async with line.place() as place:
                async for _ahead in place.ahead():
                    pass

        async with line.place():
            first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
            await asyncio.sleep(0)
            first.cancel()
        await asyncio.wait_for(second, 5)

    asyncio.run(leaving())


def test_who_goes_away_cancels_what_runs_and_the_next_finds_it_ended() -> None:
    started, ended = threading.Event(), threading.Event()

    def work(cancel: threading.Event) -> Iterator[int]:
        try:
            yield 1
            started.set()
            cancel.wait(30)
        finally:
            ended.set()

    async def consume() -> list[int]:
        return [event async for event in iterate(work)]

    async def client_goes_away() -> dict[str, str]:
        while not started.is_set():
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def both() -> None:
        assert await unless_gone(client_goes_away, consume()) is None  # type: ignore[arg-type]
        assert ended.is_set()

    asyncio.run(both())


def test_what_a_generator_raises_is_raised_where_it_is_awaited() -> None:
    def work(cancel: threading.Event) -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    async def consume() -> None:
        async for event in iterate(work):
            assert event == 1

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(consume())
