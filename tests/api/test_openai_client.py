"""The unmodified `openai` client against a running `thau start`."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.api.conftest import PATIENCE, Service
from tests.standins.openai_server import OpenAIServer, serving
from thau_desktop.settings import SettingsFile

DRAWS: Any = {
    "type": "function",
    "function": {
        "name": "generate_image",
        "description": "Draws a picture.",
        "parameters": {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
    },
}
HELLO: Any = [{"role": "user", "content": "hola"}]
DRAW_A_CAT: Any = [{"role": "user", "content": "Dibuja un gato azul"}]


@pytest.fixture
def client(service: Service) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key=service.token, max_retries=0, timeout=PATIENCE) as client:
        yield client


def test_the_models_that_answer_and_draw_are_listed_the_chosen_one_first(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names[0] == "thau-nano-v1" and {"tiny", "thau-image-v1"} <= set(names)
    assert client.models.retrieve("tiny").owned_by == "thau"


def test_a_question_is_answered_and_its_tokens_are_counted(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="thau-nano-v1", messages=HELLO, temperature=0)
    (choice,) = answer.choices
    assert choice.finish_reason == "stop" and "THAU" in (choice.message.content or "")
    assert answer.usage is not None and answer.usage.prompt_tokens > 3 and answer.usage.completion_tokens > 3


def test_the_same_seed_gives_the_same_answer_streamed_or_not(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": "thau", "messages": HELLO, "seed": 5, "temperature": 1}
    whole = client.chat.completions.create(**asked).choices[0].message.content
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
    assert len(chunks) > 3 and chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None and chunks[-1].usage.completion_tokens > 3


def test_a_call_of_a_tool_comes_back_for_the_client_to_run_and_its_result_is_read(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": "thau", "temperature": 0, "tools": [DRAWS]}
    first = client.chat.completions.create(messages=DRAW_A_CAT, **asked).choices[0]
    assert first.finish_reason == "tool_calls" and first.message.tool_calls
    (call,) = first.message.tool_calls
    assert call.type == "function" and call.function.name == "generate_image"
    assert "cat" in json.loads(call.function.arguments)["prompt"]
    result: Any = {"role": "tool", "tool_call_id": call.id, "content": '{"status": "done", "image": "1"}'}
    then = client.chat.completions.create(messages=[*DRAW_A_CAT, first.message, result], **asked).choices[0]
    assert then.finish_reason == "stop" and then.message.content and not then.message.tool_calls


def test_a_streamed_call_arrives_whole(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="thau", messages=DRAW_A_CAT, tools=[DRAWS], temperature=0, stream=True
    )
    chunks = [chunk.choices[0] for chunk in stream]
    calls = [call for chunk in chunks for call in chunk.delta.tool_calls or ()]
    assert chunks[-1].finish_reason == "tool_calls" and len(calls) == 1
    assert calls[0].function is not None and json.loads(calls[0].function.arguments or "")["prompt"]


def test_an_answer_ends_where_a_stop_is_said_and_does_not_say_it(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": "thau", "messages": HELLO, "temperature": 0}
    whole = client.chat.completions.create(**asked).choices[0].message.content or ""
    stop = whole[6:10]
    cut = client.chat.completions.create(**asked, stop=[stop]).choices[0]
    assert cut.message.content == whole[: whole.index(stop)] and cut.finish_reason == "stop"


def test_an_answer_is_no_longer_than_was_asked(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="thau", messages=HELLO, temperature=0, max_tokens=3)
    assert answer.choices[0].finish_reason == "length" and answer.usage and answer.usage.completion_tokens == 3


def test_json_is_asked_for_checked_and_refused_where_the_model_can_not(client: openai.OpenAI) -> None:
    question: Any = [{"role": "user", "content": "¿Qué es un token?"}]
    with pytest.raises(openai.UnprocessableEntityError, match="did not answer with the JSON"):
        client.chat.completions.create(
            model="thau", messages=question, temperature=0, response_format={"type": "json_object"}
        )


def test_a_picture_is_drawn_and_brought_along(client: openai.OpenAI, service: Service) -> None:
    made = client.images.generate(prompt="a red fox", size="256x256", model="dall-e-3", n=2, response_format="b64_json")
    assert made.data is not None and len(made.data) == 2
    pictures = [base64.b64decode(one.b64_json or "") for one in made.data]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures) and pictures[0] != pictures[1]
    linked = client.images.generate(prompt="a red fox", size="256x256")
    assert linked.data and (linked.data[0].url or "").startswith(f"{service.url}/vision/image/")


def test_a_server_in_the_settings_makes_embeddings(client: openai.OpenAI, service: Service) -> None:
    file = service.home / "settings.toml"
    before, settings = file.read_text(encoding="utf-8"), SettingsFile(file)
    settings.load()
    with serving(OpenAIServer(models={"bge": 512})) as server:
        settings.change("model", "servers", f"lab={server.url}")
        try:
            made = client.embeddings.create(model="lab/bge", input=["hola", "adiós"])
            plain = client.embeddings.create(model="lab/bge", input="hola", encoding_format="float", dimensions=2)
        finally:
            file.write_text(before, encoding="utf-8")
    assert [one.embedding for one in made.data] == [[4.0, 0.5], [5.0, 0.5]]  # base64, which the client reads
    assert (made.model, made.usage.prompt_tokens) == ("lab/bge", 9)
    assert plain.data[0].embedding == [4.0, 0.5]
    assert server.requests[-1]["dimensions"] == 2


def test_what_can_not_be_done_is_refused_with_what_to_do(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=r"makes no embeddings\. Name an embedding model of Ollama"):
        client.embeddings.create(model="thau", input="hola")
    with pytest.raises(openai.NotFoundError, match=r"gpt-4o is not on this disk. Choose one of these") as missing:
        client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert missing.value.code == "model_not_found"
    long: Any = [{"role": "user", "content": "uno " * 3000}]
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError) as full:
            client.chat.completions.create(model="thau", messages=long, stream=stream)
        assert full.value.code == "context_length_exceeded"
    eyes: Any = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]
    with pytest.raises(openai.BadRequestError, match="can see pictures"):
        client.chat.completions.create(model="thau", messages=eyes)


def test_a_wrong_key_is_refused_as_clients_expect(service: Service) -> None:
    with (
        openai.OpenAI(base_url=f"{service.url}/v1", api_key="sk-wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError, match="thau api token"),
    ):
        stranger.models.list()
