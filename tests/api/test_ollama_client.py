"""The unmodified `ollama` client, as editors use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ollama
import pytest

from tests.api.conftest import PATIENCE, Service

HELLO: Any = [{"role": "user", "content": "hola"}]
DRAWS: Any = {
    "type": "function",
    "function": {"name": "generate_image", "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture
def client(service: Service) -> Iterator[ollama.Client]:
    with ollama.Client(service.url, headers=service.headers, timeout=PATIENCE) as client:
        yield client


def test_the_models_are_tags(client: ollama.Client) -> None:
    first = client.list().models[0]
    assert first.model == "thau-nano-v1" and first.size and first.size > 1_000_000


def test_an_answer_comes_whole_or_in_pieces(client: ollama.Client) -> None:
    options = {"temperature": 0, "seed": 1}
    whole = client.chat("thau:latest", HELLO, options=options)
    assert whole.message.content and "THAU" in whole.message.content
    assert whole.done_reason == "stop" and whole.eval_count and whole.prompt_eval_count
    pieces = list(client.chat("thau-nano-v1", HELLO, options=options, stream=True))
    assert "".join(piece.message.content or "" for piece in pieces) == whole.message.content
    assert pieces[-1].done and len(pieces) > 2


def test_a_tool_is_called_and_its_result_is_read(client: ollama.Client) -> None:
    asked: Any = [{"role": "user", "content": "Dibuja un gato azul"}]
    first = client.chat("thau", asked, tools=[DRAWS], options={"temperature": 0}).message
    assert first.tool_calls and first.tool_calls[0].function.name == "generate_image"
    done: Any = {"role": "tool", "tool_name": "generate_image", "content": '{"status": "done", "image": "1"}'}
    then = client.chat("thau", [*asked, first, done], tools=[DRAWS], options={"temperature": 0}).message
    assert then.content and not then.tool_calls


def test_what_does_not_fit_loses_its_oldest_as_in_ollama(client: ollama.Client) -> None:
    long: Any = [{"role": "user", "content": "uno " * 2500}, {"role": "assistant", "content": "dos"}, *HELLO]
    answer = client.chat("thau", long, options={"temperature": 0})
    assert answer.message.content and (answer.prompt_eval_count or 0) < 100


def test_a_model_that_is_not_there_is_told_in_ollamas_way(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match="llama3 is not on this disk") as missing:
        client.chat("llama3", HELLO)
    assert missing.value.status_code == 404
