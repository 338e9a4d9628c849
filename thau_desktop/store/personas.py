"""Who answers: a system prompt and how freely words are chosen.

The built-in personas live in the code, in the language of the window; the table holds a person's own and the
built-in ones that were changed, so that resetting one means forgetting the change.
"""

from __future__ import annotations

import builtins
import json
import re
import sqlite3
import unicodedata
from dataclasses import asdict, dataclass, fields, replace
from types import NoneType

from thau_desktop.errors import StoreError
from thau_desktop.messages import Sampling
from thau_desktop.store.database import Database
from thau_desktop.store.parts import clean, now
from thau_desktop.translation import N_, _

DEFAULT = "thau"


@dataclass(frozen=True, slots=True)
class Persona:
    """A persona. `name` is its stable key; a None among the numbers leaves it to the chat settings.

    Attributes: `edited`, a built-in one that a person changed.
    """

    name: str
    title: str
    system_prompt: str
    description: str = ""
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_new_tokens: int | None = None
    builtin: bool = False
    edited: bool = False

    def over(self, sampling: Sampling) -> Sampling:
        """`sampling` with this persona's own numbers in place of it."""
        return replace(
            sampling,
            temperature=sampling.temperature if self.temperature is None else self.temperature,
            top_p=sampling.top_p if self.top_p is None else self.top_p,
            top_k=sampling.top_k if self.top_k is None else self.top_k,
            max_new_tokens=sampling.max_new_tokens if self.max_new_tokens is None else self.max_new_tokens,
        )


_BUILTIN = (
    Persona(
        "thau",
        N_("Friendly"),
        N_(
            "You are THAU, a friendly private assistant that runs on this computer. Answer in the language of the"
            " person you talk to, warmly, clearly and to the point. Say so when you do not know something."
        ),
        N_("Warm and clear, for everything"),
        builtin=True,
    ),
    Persona(
        "concise",
        N_("Concise"),
        N_(
            "You are THAU, a private assistant. Answer in the language of the person you talk to, in as few words as"
            " the question allows: the answer first, no greeting, no repetition of the question."
        ),
        N_("The answer and nothing else"),
        temperature=0.4,
        max_new_tokens=512,
        builtin=True,
    ),
    Persona(
        "teacher",
        N_("Teacher"),
        N_(
            "You are THAU, a patient teacher. Answer in the language of the person you talk to. Explain step by step,"
            " from what is known to what is new, with one small example, and end with a question that checks whether"
            " it was understood."
        ),
        N_("Explains step by step and checks that it was understood"),
        builtin=True,
    ),
    Persona(
        "coder",
        N_("Programmer"),
        N_(
            "You are THAU, an experienced programmer. Explain in the language of the person you talk to; write code"
            " in code blocks that name their language. Give code that is complete and runs, say what you assumed,"
            " and point out errors plainly."
        ),
        N_("Writes and reviews code"),
        temperature=0.2,
        builtin=True,
    ),
)
_COLUMNS = "name, title, description, system_prompt, temperature, top_p, top_k, max_new_tokens"
_BOUNDS = {"temperature": (0.0, 2.0), "top_p": (0.0, 1.0), "top_k": (0, 1000), "max_new_tokens": (16, 131072)}
_KINDS = {
    "temperature": (int, float, NoneType),
    "top_p": (int, float, NoneType),
    "top_k": (int, NoneType),
    "max_new_tokens": (int, NoneType),
}


class Personas:
    """All personas of a database: the built-in ones first, then a person's own by title."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def list(self) -> builtins.list[Persona]:
        """Every persona."""
        stored = {row["name"]: _persona(row) for row in self.database.rows(f"SELECT {_COLUMNS} FROM personas")}
        builtin = [stored.pop(persona.name, _translated(persona)) for persona in _BUILTIN]
        return builtin + sorted(stored.values(), key=lambda persona: persona.title.casefold())

    def get(self, name: str) -> Persona:
        """The persona of this name. Raises `StoreError` where there is none."""
        row = self.database.row(f"SELECT {_COLUMNS} FROM personas WHERE name = ?", (name,))
        if row is not None:
            return _persona(row)
        for persona in _BUILTIN:
            if persona.name == name:
                return _translated(persona)
        raise StoreError(_("There is no persona named {name}.").format(name=name))

    def get_or_default(self, name: str) -> Persona:
        """The persona of this name, or THAU's own where it was deleted."""
        try:
            return self.get(name)
        except StoreError:
            return self.get(DEFAULT)

    def save(self, persona: Persona) -> Persona:
        """Keep a new or changed persona. Raises `StoreError` where its name, title or numbers can't be used."""
        if not persona.name.strip() or not persona.title.strip():
            raise StoreError(_("A persona needs a name."))
        for key, (lowest, highest) in _BOUNDS.items():
            value = getattr(persona, key)
            if value is not None and not lowest <= value <= highest:
                sentence = _("{value} can't be used for {name}.").format(value=value, name=key)
                advice = _("It must be a number from {lowest} to {highest}.").format(lowest=lowest, highest=highest)
                raise StoreError(sentence, advice)
        with self.database.transaction() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO personas ({_COLUMNS}, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    clean(persona.name),
                    clean(persona.title),
                    clean(persona.description),
                    clean(persona.system_prompt),
                    persona.temperature,
                    persona.top_p,
                    persona.top_k,
                    persona.max_new_tokens,
                    now(),
                ),
            )
            return self.get(clean(persona.name))

    def create(self, title: str, system_prompt: str, **settings: float | str | None) -> Persona:
        """A new persona whose name is made from its title and is not taken."""
        with self.database.transaction():
            persona = Persona(self._free_name(title), title, system_prompt)
            return self.save(replace(persona, **settings))  # type: ignore[arg-type]

    def reset(self, name: str) -> Persona:
        """Forget the changes to a built-in persona. Raises `StoreError` for one that is not built in."""
        if not any(persona.name == name for persona in _BUILTIN):
            raise StoreError(_("Only the built-in personas can be reset."))
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM personas WHERE name = ?", (name,))
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove a person's own persona. Raises `StoreError` for a built-in one or one that is not there."""
        if any(persona.name == name for persona in _BUILTIN):
            raise StoreError(_("A built-in persona can't be deleted."), _("It can be changed, and reset."))
        with self.database.transaction() as connection:
            if not connection.execute("DELETE FROM personas WHERE name = ?", (name,)).rowcount:
                raise StoreError(_("There is no persona named {name}.").format(name=name))

    def export(self, name: str) -> str:
        """The persona as JSON, for `import_`."""
        values = {key: value for key, value in asdict(self.get(name)).items() if key not in ("builtin", "edited")}
        return json.dumps({"thau_persona": 1, **values}, ensure_ascii=False, indent=2)

    def import_(self, text: str) -> Persona:
        """Add the persona that `export` wrote, under a free name. Raises `StoreError` where it can't be read."""
        known = {field.name: field for field in fields(Persona) if field.name not in ("name", "builtin", "edited")}
        try:
            data = json.loads(text)
            values = {key: value for key, value in data.items() if key in known}
            for key, value in values.items():
                kinds = _KINDS.get(key, (str,))
                if not isinstance(value, kinds) or isinstance(value, bool):
                    raise ValueError(f"{key}: {value!r}")
            title, prompt = values.pop("title"), values.pop("system_prompt")
        except (ValueError, KeyError, AttributeError, RecursionError) as error:
            raise StoreError(
                _("This is not a persona that THAU can read."),
                _("Choose a JSON file that was exported from THAU."),
                details=str(error),
            ) from error
        return self.create(title, prompt, **values)

    def _free_name(self, title: str) -> str:
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "persona"
        taken = {persona.name for persona in self.list()}
        number, name = 1, stem
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        return name


def _persona(row: sqlite3.Row) -> Persona:
    builtin = any(persona.name == row["name"] for persona in _BUILTIN)
    return Persona(**dict(row), builtin=builtin, edited=builtin)


def _translated(persona: Persona) -> Persona:
    return replace(
        persona,
        title=_(persona.title),
        description=_(persona.description),
        system_prompt=_(persona.system_prompt),
    )
