"""THAU's own endpoints, as the mission's guides use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import Service


def test_health_needs_no_token_and_tells_busy_from_dead(service: Service) -> None:
    health = httpx.get(f"{service.url}/health").json()
    assert health["status"] == "ok" and health["busy"] is False and health["uptime_s"] > 0


def test_the_status_is_that_of_the_command_line(client: httpx.Client) -> None:
    status = client.get("/status").json()
    names = {"model", "version", "pending", "trained", "total", "next_run", "last_run", "training", "device", "ollama"}
    assert set(status) == names and status["model"] == "thau-nano-v1" and status["training"]["state"] == "idle"


def test_an_example_is_added_once_and_waits(client: httpx.Client) -> None:
    before = client.get("/status").json()["total"]
    example = {"instruction": "¿Qué puerto usa THAU?", "output": "El 8000.", "metadata": {"source": "manual"}}
    first, again = (client.post("/training/add", json=example).json() for _time in range(2))
    assert first["added"] and not again["added"] and first["id"] == again["id"] and again["notes"] == ["duplicate"]
    waiting = client.get("/examples/pending", params={"limit": 1000}).json()
    (found,) = [one for one in waiting["examples"] if one["id"] == first["id"]]
    assert found["instruction"] == example["instruction"] and found["source"] == "manual"
    assert waiting["total"] == client.get("/status").json()["pending"] and client.get("/status").json()["total"] == (
        before + 1
    )


def test_a_batch_is_all_or_nothing(client: httpx.Client) -> None:
    many = [{"instruction": f"¿Cuánto es {n} y {n}?", "output": str(2 * n)} for n in range(300)]
    taken = client.post("/training/batch", json={"examples": [*many, many[0]]}).json()
    assert (taken["added"], taken["duplicates"]) == (300, 1)
    total = client.get("/status").json()["total"]
    broken = client.post("/training/batch", json={"examples": [{"instruction": "new", "output": "new"}, {"output": 1}]})
    assert broken.status_code == 422 and broken.json()["errors"][0]["where"].startswith("body.examples.1")
    assert client.get("/status").json()["total"] == total


def test_what_looks_like_a_key_waits_for_a_look(client: httpx.Client) -> None:
    secret = {"instruction": "What is my key?", "output": "AKIAIOSFODNN7EXAMPLE with password = hunter2hunter2"}
    assert "secret" in client.post("/training/add", json=secret).json()["notes"]
    assert client.get("/stats").json()["for_review"] >= 1


def test_a_picture_is_drawn_fetched_and_listed(client: httpx.Client, service: Service) -> None:
    asked = {"prompt": "a cute robot", "num_inference_steps": 3, "width": 250, "height": 256, "seed": 7}
    drawn = client.post("/vision/generate", json=asked).json()
    assert drawn["image_url"].startswith("/vision/image/") and drawn["seed"] == 7 and drawn["width"] == 256
    assert any("steps" in note for note in drawn["notes"])  # 3 is out of bounds
    picture = client.get(drawn["image_url"])
    assert picture.headers["content-type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    file = service.home / "generated_images" / Path(drawn["image_url"]).name
    assert file.read_bytes() == picture.content
    shown = client.get("/vision/examples").json()
    assert shown["examples"][0]["image_url"] == drawn["image_url"] and shown["prompts"]
    assert client.get("/stats").json()["pictures"] >= 1


def test_nights_are_switched_off_and_on_again(client: httpx.Client, service: Service) -> None:
    assert client.post("/service/stop").json() == {"running": False, "next_run": None}
    assert client.get("/status").json()["next_run"] is None
    assert "auto = false" in (service.home / "settings.toml").read_text()
    again = client.post("/service/start").json()
    assert again["running"] and again["next_run"] == client.get("/status").json()["next_run"]


def test_a_change_in_the_settings_counts_at_once(client: httpx.Client, service: Service) -> None:
    file = service.home / "settings.toml"
    before = file.read_text()
    file.write_text(before.replace("[chat]", '[model]\nname = "thau-nano-v9"\n[chat]'))
    try:
        assert client.get("/status").json()["model"] == "thau-nano-v9"
        missing = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "a"}]})
        assert missing.status_code == 404
    finally:
        file.write_text(before)
    assert client.get("/status").json()["model"] == "thau-nano-v1"


def test_a_turn_is_kept_and_gone_on_with(client: httpx.Client) -> None:
    first = _events(client.post("/chat", json={"message": "hola", "temperature": 0}))
    assert first[0]["type"] == "turn_started" and first[-1]["type"] == "finished"
    conversation = first[0]["conversation_id"]
    then = _events(client.post("/chat", json={"message": "Dibuja un gato azul", "conversation": conversation,
                                              "temperature": 0}))  # fmt: skip
    end = then[-1]
    assert end["conversation_id"] == conversation and end["tool_calls"][0]["name"] == "generate_image"
    assert Path(end["images"][0]["path"]).is_file()
    assert any(one["type"] == "tool_progress" for one in then)


@pytest.mark.parametrize(
    "said",
    [{"conversation": 99_999}, {"persona": "nobody-at-all"}, {"model": "gpt-9"}],
    ids=lambda said: next(iter(said)),
)
def test_a_turn_with_what_is_not_there_is_refused(client: httpx.Client, said: dict[str, Any]) -> None:
    refused = client.post("/chat", json={"message": "hola", **said})
    assert refused.status_code == 404 and refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"]


def test_a_wrong_method_and_a_wrong_address_are_told_apart(client: httpx.Client) -> None:
    wrong = client.delete("/status")
    assert wrong.status_code == 405 and wrong.headers["allow"] == "GET" and wrong.json()["code"] == "wrong_method"
    assert client.get("/nothing").json()["code"] == "not_found"


def _events(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    lines = [line for line in response.text.splitlines() if line.startswith("data:")]
    return [json.loads(line.removeprefix("data:")) for line in lines]
