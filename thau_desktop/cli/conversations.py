"""`thau conversations`: list, export, import."""

from __future__ import annotations

import dataclasses
import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from thau_desktop.chat import markdown_export, transfer
from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.errors import ThauError
from thau_desktop.event_records import record_of
from thau_desktop.paths import atomic_write
from thau_desktop.store.conversations import Conversations
from thau_desktop.translation import _, ngettext_


class Format(StrEnum):
    """How an export is written."""

    markdown = "markdown"
    json = "json"


def list_conversations(
    search: Annotated[str, typer.Option("--search", help=_("Only those that have all these words."))] = "",
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    with opened() as thau:
        found = thau.conversations.list(search)
        counts = {conversation.id: thau.conversations.count(conversation.id) for conversation in found}
    if json:
        listed = [dataclasses.asdict(entry) | {"messages": counts[entry.id]} for entry in found]
        print_json({"conversations": listed})
        return
    out = console()
    if not found:
        out.print(_("No conversation."))
    for entry in found:
        messages = ngettext_("{n} message", "{n} messages", counts[entry.id]).format(n=counts[entry.id])
        out.print(f"{entry.id:>5}  {entry.updated_at[:10]}  ", style="dim", end="")
        untitled = _("Untitled conversation")
        out.print(f"{printable(entry.title) or untitled}  ", end="")
        out.print(messages, style="dim")


def export(
    conversation: Annotated[int | None, typer.Argument(metavar="[ID]", help=_("The conversation's number."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Every conversation."))] = False,
    form: Annotated[
        Format | None, typer.Option("--format", help=_("By default what the output's name says, else Markdown."))
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=_("A file, or a folder for a file each; otherwise stdout."))
    ] = None,
) -> None:
    if (conversation is None) != everything:
        raise typer.BadParameter(_("Give the number of one conversation, or --all."))
    form = form or (Format.json if output and output.suffix.lower() == ".json" else Format.markdown)
    with opened() as thau:
        chats = thau.conversations
        ids = [entry.id for entry in chats.list()] if conversation is None else [chats.get(conversation).id]
        if form is Format.markdown and output is not None and output.is_dir():
            for number in ids:
                _save(output / markdown_export.file_name(chats.get(number)), _markdown(chats, [number]))
        elif output is None:
            sys.stdout.write(_written(chats, ids, form))
        else:
            _save(output, _written(chats, ids, form))
    if output is not None:
        exported = ngettext_("{n} conversation exported to {path}", "{n} conversations exported to {path}", len(ids))
        sys.stderr.write(exported.format(n=len(ids), path=output) + "\n")


def import_file(
    file: Annotated[Path, typer.Argument(help=_("A file of ours, or ChatGPT's conversations.json or zip."))],
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each conversation."))] = False,
) -> None:
    done = transfer.ImportFinished(0, 0, 0)
    with opened() as thau:
        for event in transfer.import_file(thau.conversations, file):
            if json:
                print_json(record_of(event))
            elif isinstance(event, transfer.ConversationSkipped) and not event.duplicate:
                name = f"{event.number} “{event.title}”" if event.title else str(event.number)
                line = _("Conversation {name} was left out: {reason}").format(name=name, reason=event.reason)
                sys.stderr.write(printable(line) + "\n")
            if isinstance(event, transfer.ImportFinished):
                done = event
    if not json:
        summary = _("{imported} imported, {duplicates} already here, {skipped} left out")
        line = summary.format(imported=done.imported, duplicates=done.duplicates, skipped=done.skipped)
        sys.stdout.write(line + "\n")


def _written(chats: Conversations, ids: list[int], form: Format) -> str:
    if form is Format.markdown:
        return _markdown(chats, ids)
    file = io.StringIO()
    transfer.export_json(chats, ids, file)
    return file.getvalue()


def _markdown(chats: Conversations, ids: list[int]) -> str:
    return "\n---\n\n".join(markdown_export.to_markdown(chats.get(number), chats.path(number)) for number in ids)


def _save(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises `ThauError` with the reason."""
    try:
        atomic_write(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise ThauError(
            _("{path} can't be written: {reason}.").format(path=path, reason=error.strerror or error),
            _("Choose another place for it."),
        ) from error
