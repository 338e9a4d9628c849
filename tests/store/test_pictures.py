"""Pictures as rows: order, words, filters, the trash, and what outlives a conversation."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from thau_desktop.errors import StoreError
from thau_desktop.messages import Text
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.pictures import Picture, PictureFilter, Pictures


@pytest.fixture
def pictures(database: Database) -> Pictures:
    return Pictures(database)


def add(pictures: Pictures, number: int, **columns: Any) -> Picture:
    """The `number`-th picture, drawn in second `number`."""
    time = f"2026-11-21T00:00:{number:02d}.000000+00:00"
    return pictures.add(**{"file": f"{number}.png", "created_at": time, **columns})


def found(pictures: Pictures, **wanted: Any) -> list[int]:
    return list(pictures.ids(PictureFilter(**wanted)))


def test_a_picture_comes_back_as_it_went(pictures: Pictures) -> None:
    asked = {"prompt": "ñandú 🌵", "loras": [{"file": "a.safetensors", "strength": 0.5}]}
    made = pictures.add(
        file="20261121_000000_nandu.png",
        prompt="ñandú 🌵",
        negative_prompt="agua",
        model="thau-image-v1",
        width=512,
        height=384,
        steps=20,
        guidance=7.5,
        seed=1 << 52,
        scheduler="euler",
        parameters=asked,
        source="chat",
        bytes=1234,
        seconds=2.5,
    )
    assert (made.prompt, made.negative_prompt, made.seed, made.parameters) == ("ñandú 🌵", "agua", 1 << 52, asked)
    assert (made.favourite, made.deleted_at, made.parent_id, made.conversation_id) == (False, None, None, None)
    assert pictures.get(made.id) == pictures.find(made.id) == pictures.by_file(made.file) == made
    assert pictures.rows([made.id]) == [made]


def test_a_file_has_one_row(pictures: Pictures) -> None:
    add(pictures, 1)
    with pytest.raises(StoreError, match=r"1\.png is in the gallery already"):
        add(pictures, 1)
    assert pictures.count() == 1


def test_what_never_was_is_told_apart_from_what_is_deleted(pictures: Pictures) -> None:
    made = add(pictures, 1)
    pictures.delete([made.id])
    assert pictures.get(made.id).deleted_at is not None
    with pytest.raises(StoreError, match="no longer exists"):
        pictures.get(99)
    assert pictures.find(99) is pictures.by_file("nothing") is pictures.find(1 << 70) is None


def test_the_newest_come_first_whatever_their_ids(pictures: Pictures) -> None:
    middle, oldest, newest = (add(pictures, second).id for second in (5, 1, 9))
    assert found(pictures) == [newest, middle, oldest]
    assert found(pictures, oldest_first=True) == [oldest, middle, newest]
    assert [row.id for row in pictures.rows([middle, 77, newest])] == [middle, newest]


def test_words_are_found_without_accents_begun_and_in_any_order(pictures: Pictures) -> None:
    fox = add(pictures, 1, prompt="Un zorro rojo en la nieve").id
    bird = add(pictures, 2, prompt="Ñandú en la nieve").id
    sign = add(pictures, 3, prompt="🦊").id
    assert found(pictures, text="nieve") == [bird, fox]
    assert found(pictures, text="nieve zorr") == [fox]
    assert found(pictures, text='NANDU "') == [bird]
    assert found(pictures, text="🦊") == [sign]
    assert found(pictures, text="perro") == []
    assert found(pictures, text="nieve", oldest_first=True) == [fox, bird]
    assert pictures.count(PictureFilter(text="nieve")) == 2


def test_filters_restrict_together(pictures: Pictures) -> None:
    a = add(pictures, 1, model="a", width=256, height=256, source="chat", prompt="fox").id
    b = add(pictures, 2, model="b", width=512, height=256, source="import", prompt="fox", favourite=True).id
    assert found(pictures, model="a") == found(pictures, size=(256, 256)) == found(pictures, source="chat") == [a]
    assert found(pictures, favourite=True) == found(pictures, text="fox", model="b") == [b]
    assert found(pictures, since="2026-11-21T00:00:02") == [b]
    assert found(pictures, until="2026-11-21T00:00:02") == [a]
    assert found(pictures, since="2026-11-21", until="2026-11-22") == [b, a]
    assert found(pictures, model="a", favourite=True) == []
    assert pictures.count(PictureFilter(model="a")) == 1
    assert pictures.models() == ["a", "b"]
    assert pictures.sizes() == [(256, 256), (512, 256)]


def test_favourites_are_marked_and_unmarked(pictures: Pictures) -> None:
    ids = [add(pictures, number).id for number in range(3)]
    assert pictures.set_favourite(ids[:2], True) == 2
    assert set(found(pictures, favourite=True)) == set(ids[:2])
    assert pictures.set_favourite(ids, False) == 3 and found(pictures, favourite=True) == []


def test_the_trash_takes_gives_back_and_forgets(pictures: Pictures) -> None:
    first, second = add(pictures, 1, model="a"), add(pictures, 2, prompt="fox")
    assert pictures.delete([first.id, 99]) == 1 and pictures.delete([first.id]) == 0
    assert found(pictures) == [second.id] and found(pictures, trash=True) == [first.id]
    assert pictures.models() == [] and pictures.files() == {"1.png", "2.png"}
    assert pictures.restore([first.id, second.id]) == 1 and len(found(pictures)) == 2
    pictures.delete([second.id])
    assert found(pictures, text="fox") == [] and found(pictures, text="fox", trash=True) == [second.id]
    deleted = pictures.get(second.id).deleted_at or ""
    assert pictures.expired("2026-01-01") == [] and [row.id for row in pictures.expired(deleted)] == [second.id]
    assert pictures.forget([second.id, 99]) == 1
    assert pictures.find(second.id) is None and found(pictures, trash=True) == []
    assert add(pictures, 3).id > second.id, "an id is never used twice"


def test_what_was_read_is_read_again_when_another_thread_changes_it(pictures: Pictures) -> None:
    assert list(pictures.ids()) == []
    before = pictures.changes()
    thread = threading.Thread(target=lambda: add(pictures, 1))
    thread.start()
    thread.join()
    assert pictures.changes() > before
    ids = pictures.ids()
    assert len(ids) == 1
    ids.append(7)  # whoever got them may do with them as they like
    assert len(pictures.ids()) == 1


def test_a_picture_outlives_its_conversation_and_its_parent(database: Database, pictures: Pictures) -> None:
    conversations = Conversations(database)
    one = conversations.create()
    message = conversations.add_message(one.id, "assistant", (Text("b"),))
    parent = add(pictures, 1, conversation_id=one.id, message_id=message.id)
    child = add(pictures, 2, parent_id=parent.id)
    assert (parent.conversation_id, parent.message_id, child.parent_id) == (one.id, message.id, parent.id)
    conversations.delete(one.id)
    conversations.purge(older_than_days=0)
    pictures.forget([parent.id])
    assert pictures.get(child.id).parent_id is None
    assert add(pictures, 3, conversation_id=99, message_id=99, parent_id=99).conversation_id is None


def test_parameters_that_a_disk_has_damaged_are_none(database: Database, pictures: Pictures) -> None:
    made = add(pictures, 1, prompt="fox", parameters={"prompt": "fox"})
    for broken in ('{"prompt', "[1]", "null"):
        database.connection().execute("UPDATE pictures SET parameters = ?", (broken,))
        assert pictures.get(made.id).parameters == {} and pictures.get(made.id).prompt == "fox"
