"""Streams of a running service: going away cancels, waiting is told, too many are sent away."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx

from tests.api.conftest import PATIENCE, Service

LONG: dict[str, Any] = {
    "messages": [{"role": "user", "content": "¿Qué es un token?"}],
    "max_tokens": 2000,
    "temperature": 2,
    "stream": True,
}


def test_who_goes_away_in_the_middle_frees_the_model(service: Service, client: httpx.Client) -> None:
    with client.stream("POST", "/v1/chat/completions", json=LONG) as response:
        next(line for line in response.iter_lines() if "content" in line)
    _until_idle(service)


def test_who_goes_away_while_waiting_leaves_the_line(service: Service) -> None:
    with (
        service.client() as first,
        service.client() as second,
        first.stream("POST", "/v1/chat/completions", json=LONG) as answering,
    ):
        next(line for line in answering.iter_lines() if "content" in line)
        with second.stream("POST", "/v1/chat/completions", json=LONG) as waiting:
            told = [line for _n, line in zip(range(4), waiting.iter_lines(), strict=False)]
            assert ": waiting: 1" in told
    _until_idle(service)


def test_two_hundred_at_once_get_an_answer_or_a_time_to_come_back(service: Service) -> None:
    statuses: list[int] = []
    asked = {"messages": [{"role": "user", "content": "hola"}], "max_tokens": 4}

    def ask() -> None:
        with service.client() as client:
            answer = client.post("/v1/chat/completions", json=asked)
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) >= 1 and answer.json()["error"]["code"]
            statuses.append(answer.status_code)

    crowd = [threading.Thread(target=ask) for _n in range(200)]
    for thread in crowd:
        thread.start()
    health = httpx.get(f"{service.url}/health", timeout=PATIENCE)
    assert health.status_code == 200
    for thread in crowd:
        thread.join()
    assert len(statuses) == 200 and set(statuses) <= {200, 429} and statuses.count(200) >= 17
    _until_idle(service)


def test_every_request_is_told_to_who_watches(service: Service, client: httpx.Client) -> None:
    client.get("/stats?word=secret")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        began = [one for one in service.events if one.get("path") == "/stats"]
        ended = {one["number"]: one for one in service.events if one["type"] == "request_ended"}
        if began and began[-1]["number"] in ended:
            break
        threading.Event().wait(0.05)
    assert ended[began[-1]["number"]]["status"] == 200 and "secret" not in str(service.events)


def _until_idle(service: Service) -> None:
    """Until nobody is answered or waits any more."""
    end = time.monotonic() + PATIENCE
    while (health := httpx.get(f"{service.url}/health", timeout=PATIENCE).json())["busy"]:
        assert time.monotonic() < end, health
        threading.Event().wait(0.05)
