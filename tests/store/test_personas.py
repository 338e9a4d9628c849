"""Personas: built-in ones that can be changed and reset, and a person's own."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from thau_desktop.errors import StoreError
from thau_desktop.messages import Sampling
from thau_desktop.store.database import Database
from thau_desktop.store.personas import Personas


@pytest.fixture
def personas(database: Database) -> Personas:
    return Personas(database)


def test_four_personas_are_built_in_and_thau_is_the_first(personas: Personas) -> None:
    assert [persona.name for persona in personas.list()] == ["thau", "concise", "teacher", "coder"]
    assert all(persona.builtin and persona.system_prompt and persona.title for persona in personas.list())


def test_a_built_in_persona_can_be_changed_and_reset_but_not_deleted(personas: Personas) -> None:
    original = personas.get("thau")
    changed = personas.save(replace(original, title="Mine", temperature=0.1))
    assert (changed.edited, changed.builtin, personas.list()[0].title) == (True, True, "Mine")
    with pytest.raises(StoreError):
        personas.delete("thau")
    assert personas.reset("thau") == original


def test_a_persons_own_persona_has_a_name_of_its_own_and_can_be_deleted(personas: Personas) -> None:
    first = personas.create("Señor Ñandú", "You are a bird.", temperature=1.2)
    second = personas.create("Señor Ñandú", "Another.")
    third = personas.create("日本", "Third.")
    assert (first.name, second.name, third.name) == ("senor-nandu", "senor-nandu-2", "persona")
    with pytest.raises(StoreError):
        personas.reset(first.name)
    personas.delete(first.name)
    with pytest.raises(StoreError, match="senor-nandu"):
        personas.get(first.name)
    with pytest.raises(StoreError):
        personas.delete(first.name)
    assert personas.get_or_default(first.name).name == "thau"


def test_a_persona_changes_only_the_numbers_that_it_has(personas: Personas) -> None:
    sampling = Sampling(temperature=0.9, top_p=0.5, seed=3)
    assert personas.get("thau").over(sampling) == sampling
    assert personas.get("coder").over(sampling) == replace(sampling, temperature=0.2)


def test_an_exported_persona_can_be_imported_elsewhere(personas: Personas) -> None:
    made = personas.create("Poet", "Rhyme «always».", top_k=10, description="rhymes")
    again = personas.import_(personas.export(made.name))
    assert again == replace(made, name="poet-2")


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "[]", "{}", '"text"', '{"title": "x"}', '{"title": 3, "system_prompt": "x"}', "[" * 5000,
        '{"title": "x", "system_prompt": "x", "temperature": 99}', '{"title": "x", "system_prompt": "x", "top_k": 1.5}',
        '{"title": "x", "system_prompt": "x", "top_p": true}', '{"title": "x", "system_prompt": "x", "top_p": NaN}',
        '{"title": " ", "system_prompt": "x"}',
    ],
)  # fmt: skip
def test_what_is_no_persona_is_explained(personas: Personas, text: str) -> None:
    with pytest.raises(StoreError):
        personas.import_(text)
    assert len(personas.list()) == 4


def test_fields_of_a_newer_thau_are_passed_over(personas: Personas) -> None:
    data = json.loads(personas.export("coder")) | {"voice": "deep", "builtin": True}
    imported = personas.import_(json.dumps(data))
    assert (imported.builtin, imported.temperature) == (False, 0.2)
