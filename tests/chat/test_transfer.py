"""Conversations leave and come back whole, and a ChatGPT export comes in as a person saw it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from thau_desktop.chat import json_stream, markdown_export, transfer
from thau_desktop.errors import ThauError
from thau_desktop.messages import Attachment, Reasoning, Text, ToolCall, ToolResult
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database

CHATGPT = Path(__file__).parent.parent / "data" / "chatgpt_conversations.json"


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Conversations]:
    with Database(tmp_path / "a" / "thau.db") as database:
        yield Conversations(database)


@pytest.fixture
def other_home(tmp_path: Path) -> Iterator[Conversations]:
    with Database(tmp_path / "b" / "thau.db") as database:
        yield Conversations(database)


def imported(chats: Conversations, path: Path) -> tuple[list[transfer.ImportEvent], transfer.ImportFinished]:
    *events, last = transfer.import_file(chats, path)
    assert isinstance(last, transfer.ImportFinished)
    return events, last


def texts(chats: Conversations, conversation_id: int) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in chats.path(conversation_id)]


def exported(chats: Conversations, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as file:
        transfer.export_json(chats, [chat.id for chat in chats.list()], file)
    return path


def a_conversation_with_everything(chats: Conversations) -> int:
    chat = chats.create("Zorros 🦊", persona="teacher", model="thau-nano-v1")
    question = chats.add_message(chat.id, "user", [Text("Dibuja un zorro"), Attachment("notes.txt", "rojo\n```")])
    answer = chats.add_message(
        chat.id,
        "assistant",
        [
            Reasoning("a fox", 1.5),
            Text("Claro. "),
            ToolCall("1", "generate_image", {"prompt": "a red fox", "num_inference_steps": 30}),
            ToolResult("1", "generate_image", "done", ("picture-7",)),
        ],
        model="thau-nano-v1",
        tokens=21,
        tokens_per_second=12.5,
        first_token_seconds=0.25,
        rating=1,
    )
    chats.add_message(chat.id, "user", [Text("Gracias")])
    chats.add_message(chat.id, "assistant", [Text("No")], question.id, "error", error="out of memory", rating=-1)
    chats.choose_variant(answer.id)
    chats.pin(chat.id)
    chats.set_draft(chat.id, "otro…")
    return chat.id


def comparable(exported_file: Path) -> list[dict[str, object]]:
    """The exported conversations with ids counted from the start of each, because a new home gives new ones."""
    conversations = json.loads(exported_file.read_text(encoding="utf-8"))["conversations"]
    for conversation in conversations:
        places = {message["id"]: place for place, message in enumerate(conversation["messages"])}
        conversation["leaf"] = places.get(conversation["leaf"])
        for message in conversation["messages"]:
            message["id"], message["parent"] = places[message["id"]], places.get(message["parent"])
    return conversations


def test_our_json_comes_back_with_every_branch_rating_and_time(
    chats: Conversations, other_home: Conversations, tmp_path: Path
) -> None:
    a_conversation_with_everything(chats)
    chats.create("empty")
    first = exported(chats, tmp_path / "first.json")
    _events, last = imported(other_home, first)
    assert last == transfer.ImportFinished(2, 0, 0)
    assert comparable(exported(other_home, tmp_path / "second.json")) == comparable(first)
    assert comparable(first)[0]["messages"]


def test_an_import_into_the_home_it_came_from_finds_only_duplicates(chats: Conversations, tmp_path: Path) -> None:
    chat = a_conversation_with_everything(chats)
    file = exported(chats, tmp_path / "all.json")
    assert imported(chats, file)[1] == transfer.ImportFinished(0, 1, 0)
    chats.delete(chat)
    assert imported(chats, file)[1] == transfer.ImportFinished(1, 0, 0)
    assert imported(chats, file)[1] == transfer.ImportFinished(0, 1, 0)


def test_our_json_is_read_after_another_program_sorted_its_keys(
    chats: Conversations, other_home: Conversations, tmp_path: Path
) -> None:
    a_conversation_with_everything(chats)
    file = exported(chats, tmp_path / "all.json")
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")), sort_keys=True, indent=2))
    assert imported(other_home, file)[1].imported == 1


def test_a_damaged_conversation_of_ours_does_not_stop_the_rest(
    chats: Conversations, other_home: Conversations, tmp_path: Path
) -> None:
    for title in ("one", "two", "three", "four"):
        chats.add_message(chats.create(title).id, "user", [Text(title)])
    file = exported(chats, tmp_path / "all.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    data["conversations"][0]["messages"][0]["parent"] = 999
    data["conversations"][3]["messages"][0]["parts"] = [{"type": "text", "text": 5}]
    file.write_text(json.dumps(data).replace('"title": "two"', '"title": two'), encoding="utf-8")
    events, last = imported(other_home, file)
    assert (last.imported, last.skipped) == (1, 3)
    assert [event.number for event in events] == [1, 2, 3, 4]


def test_a_file_of_a_newer_thau_is_refused_with_advice(chats: Conversations, tmp_path: Path) -> None:
    file = tmp_path / "new.json"
    file.write_text('{"format": "thau-conversations", "version": 99, "conversations": []}')
    with pytest.raises(ThauError, match="newer"):
        list(transfer.import_file(chats, file))


@pytest.mark.parametrize("content", ["", "hello", '{"a": 1}', '{"a": '])
def test_a_file_of_something_else_is_refused(chats: Conversations, tmp_path: Path, content: str) -> None:
    file = tmp_path / "else.json"
    file.write_text(content)
    with pytest.raises(ThauError):
        list(transfer.import_file(chats, file))


def test_a_missing_file_is_told_in_one_sentence(chats: Conversations, tmp_path: Path) -> None:
    with pytest.raises(ThauError, match=r"nowhere\.json"):
        list(transfer.import_file(chats, tmp_path / "nowhere.json"))


# --- ChatGPT -------------------------------------------------------------------------------------------


def test_a_chatgpt_export_is_imported_and_reports_what_it_left_out(chats: Conversations) -> None:
    events, last = imported(chats, CHATGPT)
    assert last == transfer.ImportFinished(4, 0, 2)
    skipped = [event for event in events if isinstance(event, transfer.ConversationSkipped)]
    assert [(event.number, event.title) for event in skipped] == [(4, "Broken"), (5, "Only hidden")]
    assert all(event.reason for event in skipped)
    titles = {chat.title for chat in chats.list()}
    assert titles == {"Funciones en Python 🐍 — “ñandú”", "Branches", "[image] What is on this picture?",
                      "After the broken ones"}  # fmt: skip


def test_hidden_nodes_vanish_and_an_answer_around_a_tool_is_one_answer(chats: Conversations) -> None:
    imported(chats, CHATGPT)
    (chat,) = chats.list("ñandú")
    assert texts(chats, chat.id) == [
        ("user", "¿Cuánto es 2**10?"),
        ("assistant", "```python\nprint(2**10)\n```\n\nSon **1024**."),
        ("user", "Gracias"),
        ("assistant", "De nada."),
    ]
    assert chat.created_at == "2023-11-14T22:13:20.250000+00:00"
    assert chat.updated_at == "2023-11-14T22:14:20.750000+00:00"
    assert [message.model for message in chats.path(chat.id)] == ["", "gpt-4o", "", "gpt-4o-mini"]


def test_chatgpt_branches_become_variants_and_the_current_one_is_shown(chats: Conversations) -> None:
    imported(chats, CHATGPT)
    chat = next(chat for chat in chats.list() if chat.title == "Branches")
    assert [text for _role, text in texts(chats, chat.id)] == ["Name a colour", "Red", "Darker", "Maroon"]
    path = chats.path(chat.id)
    assert [(message.variant, message.variants) for message in path] == [(1, 1), (1, 2), (1, 2), (1, 1)]
    blue = chats.message(chats.variants(path[1].id)[1])
    assert blue.text == "Blue"


def test_pictures_attachments_and_thoughts_of_chatgpt_are_kept_as_words(chats: Conversations) -> None:
    imported(chats, CHATGPT)
    chat = next(chat for chat in chats.list() if chat.title.startswith("[image]"))
    question, answer = chats.path(chat.id)
    assert question.parts == (Attachment("cat.png", ""), Text("[image]\n\nWhat is on this picture?"))
    assert answer.parts == (Reasoning("Looking\nIt has whiskers."), Text("A cat."))


def test_a_second_import_of_chatgpt_finds_duplicates_and_takes_the_new_ones(
    chats: Conversations, tmp_path: Path
) -> None:
    imported(chats, CHATGPT)
    data = json.loads(CHATGPT.read_text(encoding="utf-8"))
    data.append({**data[1], "id": "new", "conversation_id": "new", "title": "New"})
    later = tmp_path / "conversations.json"
    later.write_text(json.dumps(data), encoding="utf-8")
    assert imported(chats, later)[1] == transfer.ImportFinished(1, 4, 2)


def test_the_whole_zip_that_chatgpt_sends_is_read(chats: Conversations, tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(CHATGPT, "conversations.json")
        file.writestr("user.json", "{}")
    assert imported(chats, archive)[1].imported == 4


def test_a_tree_with_a_cycle_or_missing_parents_still_gives_its_messages(chats: Conversations, tmp_path: Path) -> None:
    data = json.loads(CHATGPT.read_text(encoding="utf-8"))[5]
    data["mapping"]["u"]["parent"] = "gone"
    data["mapping"]["r"]["children"] = []
    data["mapping"]["a"]["children"] = ["u"]
    file = tmp_path / "lone.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    events, last = imported(chats, file)
    assert last.imported == 1
    assert isinstance(events[0], transfer.ConversationImported)
    assert events[0].messages == 2


def test_a_conversation_of_thousands_of_messages_is_no_deeper_than_the_stack(
    chats: Conversations, tmp_path: Path
) -> None:
    data = json.loads(CHATGPT.read_text(encoding="utf-8"))[5]
    pattern, mapping, parent = data["mapping"]["u"], {"r": data["mapping"]["r"]}, "r"
    for place in range(3000):
        mapping[parent]["children"] = [str(place)]
        mapping[str(place)] = {**pattern, "parent": parent}
        parent = str(place)
    mapping[parent]["children"] = []
    file = tmp_path / "deep.json"
    file.write_text(json.dumps([{**data, "mapping": mapping, "current_node": parent}]), encoding="utf-8")
    assert imported(chats, file)[1].imported == 1
    assert chats.count(chats.list()[0].id) == 3000


# --- the stream ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 7, 1 << 20])
def test_elements_come_one_by_one_at_any_chunk_size(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", chunk)
    text = 'x [1, "a,]\\"}", {"b": [1, {"c": "é\\\\"}]}, {"d": [}, [], null]tail'
    found = list(json_stream.elements(io.StringIO(text)))
    assert found[:3] == [1, 'a,]"}', {"b": [1, {"c": "é\\"}]}]
    assert isinstance(found[3], ValueError)
    assert found[4:] == [[], None]


def test_a_file_cut_off_in_the_middle_gives_what_was_whole() -> None:
    found = list(json_stream.elements(io.StringIO('[{"a": 1}, {"b": "x')))
    assert found[0] == {"a": 1}
    assert isinstance(found[1], ValueError)
    assert len(found) == 2


# --- Markdown ------------------------------------------------------------------------------------------


def test_markdown_shows_the_active_branch_and_fences_what_has_fences(chats: Conversations) -> None:
    number = a_conversation_with_everything(chats)
    text = markdown_export.to_markdown(chats.get(number), chats.path(number))
    assert text.startswith("# Zorros 🦊\n")
    assert "````\nrojo\n```\n````" in text
    assert '```tool\ngenerate_image {"prompt": "a red fox", "num_inference_steps": 30}\n```' in text
    assert "out of memory" not in text
    assert text.index("Claro.") < text.index("Gracias")


def test_a_title_becomes_a_file_name_for_any_system(chats: Conversations) -> None:
    chat = chats.create('a/b\\c: "?" <x>|*\n…')
    assert markdown_export.file_name(chat) == f"{chat.id} a b c x ….md"
