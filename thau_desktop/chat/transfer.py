"""Conversations on their way out and in: our own JSON, which loses nothing, and what ChatGPT exports.

An import reads one conversation at a time and stores it in one transaction: it may be stopped anywhere, and a
conversation that can't be read is reported with its reason while the others come in.
"""

from __future__ import annotations

import json
import re
import threading
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from thau_desktop import __version__
from thau_desktop.chat import chatgpt, json_stream, thau_format
from thau_desktop.chat.draft import Draft, NotImportableError
from thau_desktop.chat.thau_format import FORMAT, VERSION
from thau_desktop.errors import ThauError
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.imports import Imports
from thau_desktop.store.parts import now
from thau_desktop.translation import _

_BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class ConversationImported:
    """One conversation came in. `number` is its place in the file, from 1."""

    number: int
    conversation_id: int
    title: str
    messages: int


@dataclass(frozen=True, slots=True)
class ConversationSkipped:
    """One conversation stayed out, and why."""

    number: int
    title: str
    reason: str
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class ImportFinished:
    """The end of an import: how many conversations came in, were here already, could not be read."""

    imported: int
    duplicates: int
    skipped: int


ImportEvent = ConversationImported | ConversationSkipped | ImportFinished


# --- out -----------------------------------------------------------------------------------------------


def export_json(conversations: Conversations, ids: Iterable[int], file: IO[str]) -> int:
    """Write conversations with all their branches, one at a time; returns how many. Raises `StoreError`."""
    head = {"format": FORMAT, "version": VERSION, "program": __version__, "exported_at": now()}
    file.write(json.dumps(head)[:-1] + ', "conversations": [')
    count = 0
    for conversation_id in ids:
        file.write(",\n" if count else "\n")
        json.dump(thau_format.record(conversations, conversation_id), file, ensure_ascii=False)
        count += 1
    file.write("\n]}\n")
    return count


# --- in ------------------------------------------------------------------------------------------------


def import_file(
    conversations: Conversations, path: Path, cancel: threading.Event | None = None
) -> Iterator[ImportEvent]:
    """Take in a file of ours, a `conversations.json` of ChatGPT, or the whole zip that ChatGPT sends.

    Raises `ThauError` where the file can't be read at all, `StoreError` or `DiskFull` where it can't be kept.
    """
    imported = duplicates = skipped = 0
    imports = Imports(conversations.database)
    for number, found in enumerate(_drafts(path), start=1):
        if cancel is not None and cancel.is_set():
            break
        if isinstance(found, ConversationSkipped):
            skipped += 1
            yield ConversationSkipped(number, found.title, found.reason)
            continue
        ours = found.created if found.source.startswith("thau:") else ""
        if found.source and imports.known(found.source, ours) is not None:
            duplicates += 1
            yield ConversationSkipped(number, found.title, _("it is here already"), duplicate=True)
            continue
        conversation_id = _take_in(conversations, imports, found)
        imported += 1
        yield ConversationImported(number, conversation_id, found.title, len(found.messages))
    yield ImportFinished(imported, duplicates, skipped)


def _take_in(conversations: Conversations, imports: Imports, draft: Draft) -> int:
    """Store a draft whole or not at all; returns the new conversation's id."""
    with conversations.database.transaction():
        conversation = conversations.create(draft.title, draft.extra.get("persona", ""), draft.model)
        ids: dict[str | None, int | None] = {None: None}
        created = ""
        for message in draft.messages:
            created = message.created or created or draft.created
            stored = conversations.add_message(
                conversation.id,
                message.role,
                message.parts,
                ids[message.parent],
                model=message.model,
                created_at=created,
                **message.extra,
            )
            ids[message.key] = stored.id
        if draft.extra.get("pinned"):
            conversations.pin(conversation.id)
        if draft.extra.get("draft"):
            conversations.set_draft(conversation.id, draft.extra["draft"])
        first = draft.created or created or conversation.created_at
        imports.record(
            conversation.id,
            draft.source,
            leaf_id=ids[draft.leaf],
            created_at=first,
            updated_at=draft.updated or created or first,
        )
    return conversation.id


def _drafts(path: Path) -> Iterator[Draft | ConversationSkipped]:
    """Every conversation of a file, or why it can't be read."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if re.search(r"(^|/)conversations[^/]*\.json$", name)]
                if not names:
                    raise _not_ours(path)
                for name in sorted(names):
                    with archive.open(name) as raw, TextIOWrapper(raw, "utf-8-sig", errors="replace") as file:
                        yield from _read(file, path)
        else:
            with path.open(encoding="utf-8-sig", errors="replace") as file:
                yield from _read(file, path)
    except (OSError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or error
        raise ThauError(_("{path} can't be read: {reason}.").format(path=path, reason=reason)) from error


def _read(file: IO[str], path: Path) -> Iterator[Draft | ConversationSkipped]:
    head = file.read(1 << 12).lstrip()
    file.seek(0)
    before = head.partition("[")[0]
    if head.startswith("{") and f'"{FORMAT}"' in before:
        version = re.search(r'"version"\s*:\s*(\d+)', before)
        _refuse_newer(int(version.group(1)) if version else VERSION, path)
        yield from _each(json_stream.elements(file), ours=True)
    elif head.startswith("["):
        yield from _each(json_stream.elements(file), ours=False)
    elif head.startswith("{"):
        yield from _read_object(file, path)
    else:
        raise _not_ours(path)


def _read_object(file: IO[str], path: Path) -> Iterator[Draft | ConversationSkipped]:
    """A lone conversation of ChatGPT, or our format after another program put its keys in another order."""
    try:
        data = json.load(file)
    except (ValueError, RecursionError) as error:
        raise ThauError(_("{path} is not whole JSON: {reason}.").format(path=path, reason=error)) from error
    if data.get("format") == FORMAT and isinstance(data.get("conversations"), list):
        _refuse_newer(data.get("version"), path)
        yield from _each(data["conversations"], ours=True)
    elif "mapping" in data:
        yield from _each([data], ours=False)
    else:
        raise _not_ours(path)


def _each(elements: Iterable[object], ours: bool) -> Iterator[Draft | ConversationSkipped]:
    for element in elements:
        title = element.get("title") if isinstance(element, dict) else None
        title = title if isinstance(title, str) else ""
        if isinstance(element, ValueError):
            yield ConversationSkipped(0, "", _("it is not whole JSON: {reason}").format(reason=element))
            continue
        try:
            yield thau_format.read_conversation(element) if ours else chatgpt.read_conversation(element)
        except NotImportableError as reason:
            yield ConversationSkipped(0, title, str(reason))
        except _BROKEN as error:
            yield ConversationSkipped(0, title, _("it is damaged: {reason}").format(reason=repr(error)))


def _refuse_newer(version: object, path: Path) -> None:
    if not isinstance(version, int) or version > VERSION:
        raise ThauError(
            _("{path} was exported by a newer version of THAU.").format(path=path),
            _("Install the newest THAU, then import it again."),
        )


def _not_ours(path: Path) -> ThauError:
    return ThauError(
        _("{path} holds no conversations that THAU can read.").format(path=path),
        _("Choose a file that THAU exported, or the conversations.json or the zip of a ChatGPT export."),
    )
