"""`thau chat --api URL`: the model is that of a running service, which keeps the conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from thau_desktop.api.serving import Address, Server
from thau_desktop.app import Thau
from thau_desktop.store.conversations import Conversations


@pytest.fixture
def elsewhere(home: Path) -> Iterator[Server]:
    """A THAU that serves this test's home."""
    with Thau(home) as thau:
        server = Server(thau, Address(port=0))
        server.start()
        yield server
        server.stop()


def kept(server: Server) -> Conversations:
    return server.api.thau.conversations


def test_a_message_is_answered_there_and_kept_there(elsewhere: Server, thau: Callable[..., Outcome]) -> None:
    said = thau("chat", "--api", elsewhere.url, "--message", "hola", "--temperature", "0")
    assert said.status == 0, said.err
    (conversation,) = kept(elsewhere).list()
    answer = kept(elsewhere).path(conversation.id)[-1].message.text
    assert said.out.strip() == answer.strip() and "THAU" in answer


def test_its_events_are_those_of_a_chat_here_and_a_conversation_goes_on(
    elsewhere: Server, thau: Callable[..., Outcome]
) -> None:
    said = thau("chat", "--api", elsewhere.url, "--json", "--tools", "off", stdin="hola\nDibuja un gato azul\n")
    assert said.status == 0, said.err
    ends = [line for line in said.lines if line["type"] == "finished"]
    assert len(ends) == 2 and ends[0]["text"] and ends[1]["tool_calls"][0]["name"] == "generate_image"
    (conversation,) = kept(elsewhere).list()
    assert len(kept(elsewhere).path(conversation.id)) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--model", "gpt-9"), "gpt-9 is not on this disk"),
        (("--conversation", "77"), "no longer exists"),
        (("--persona", "nobody"), "nobody"),
    ],
)
def test_what_is_not_there_is_told_in_a_line(
    elsewhere: Server, thau: Callable[..., Outcome], arguments: tuple[str, ...], words: str
) -> None:
    said = thau("chat", "--api", elsewhere.url, "--message", "hola", *arguments)
    assert said.status == 1 and words in said.err and "Traceback" not in said.err


def test_where_nobody_answers_is_told_in_a_line(thau: Callable[..., Outcome]) -> None:
    said = thau("chat", "--api", "http://127.0.0.1:9", "--message", "hola")
    assert said.status == 1 and "No THAU answers at http://127.0.0.1:9" in said.err and len(said.err.splitlines()) == 1


def test_a_wrong_token_is_told_with_where_the_right_one_is(elsewhere: Server, thau: Callable[..., Outcome]) -> None:
    said = thau("chat", "--api", elsewhere.url, "--message", "hola", THAU_API_TOKEN="thau-wrong")
    assert said.status == 1 and "`thau api token`" in said.err
