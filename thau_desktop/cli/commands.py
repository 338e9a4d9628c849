"""The list of commands of this version. Built after the language is known, because help texts are translated."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from thau_desktop import __version__
from thau_desktop.cli import (
    accelerate,
    api,
    bench,
    chat,
    conversations,
    doctor,
    examples,
    export,
    images,
    models,
    ollama,
    service,
    status,
    tokens,
    training,
    web,
)
from thau_desktop.translation import _


def build() -> typer.Typer:
    """`thau` with all its commands."""
    app = _group(_("THAU: a private assistant that lives on this computer and learns from you."))
    app.callback()(_root)
    app.command("chat", help=_("Talk with the model, or send it one message."))(chat.chat)
    app.command("status", help=_("How things stand: model, examples, training, device."))(status.status)
    app.command("add", help=_("Add one example to learn from."))(examples.add)
    app.command("import-data", help=_("Add the examples of a JSON or JSONL file."))(examples.import_data)
    app.command("export-data", help=_("Write the examples to a JSONL file."))(examples.export_data)
    app.command("parse-logs", help=_("Turn the log of a conversation into examples, as JSONL."))(examples.parse_logs)
    app.command("version", help=_("The version of the model that answers."))(models.version)
    app.command("doctor", help=_("What works on this machine, what does not, and what to do."))(doctor.doctor)

    app.command("accelerate", help=_("Fetch what THAU needs to compute on the graphics card."))(accelerate.accelerate)

    app.command("train", help=_("Learn now from the examples that wait."))(training.train)

    app.command("start", help=_("Serve the API and learn at night without a window, until it is ended."))(service.start)
    app.command("web", help=_("Serve a plain chat page for a browser on this computer."))(web.web)
    app.command("init", help=_("Choose the size of the model that learns."))(models.init)

    versions = _group(_("What was learned: list, show, use, roll back, delete."), bare_command=True)
    versions.callback(invoke_without_command=True)(training.versions)
    versions.command("list", help=_("The trained versions, newest first."))(training.list_versions)
    versions.command("show", help=_("What a version learned and how it scored."))(training.show_version)
    versions.command("compare", help=_("Two versions side by side: scores, and what they answer."))(training.compare)
    versions.command("use", help=_("Let a version answer."))(training.use_version)
    versions.command("rollback", help=_("Go back to the version before."))(training.roll_back)
    versions.command("delete", help=_("Delete a version and its files."))(training.delete_version)
    app.add_typer(versions, name="versions")

    app.command("export", help=_("Write a version as a file that other programs run."))(export.export)
    there = _group(_("Versions in Ollama: push, list, status."))
    there.command("push", help=_("Put a version into Ollama, as thau:latest, too."))(ollama.push)
    there.command("list", help=_("The models that Ollama has."))(ollama.list_models)
    there.command("status", help=_("Whether Ollama runs, and which version it has."))(ollama.status)
    app.add_typer(there, name="ollama")

    on_disk = _group(_("Models on this computer: list, download, import, remove."))
    on_disk.command("list", help=_("The models on disk, and those that can be had."))(models.list_models)
    on_disk.command("download", help=_("Fetch a model; one that was stopped goes on."))(models.download)
    on_disk.command("import", help=_("Take in a model of your own."))(models.import_model)
    on_disk.command("remove", help=_("Delete a model from the disk."))(models.remove)
    on_disk.command("set", help=_("How one model runs: precision, device, context."))(models.set_model)
    on_disk.command("key", help=_("Keep the key of Hugging Face or of a server."))(models.key)
    app.add_typer(on_disk, name="models")

    for_programs = _group(_("The API for other programs: its token."))
    for_programs.command("token", help=_("Show the token that other programs need."))(api.token)
    for_programs.command("rotate", help=_("Make another token: the one before is worth nothing any more."))(api.rotate)
    app.add_typer(for_programs, name="api")

    app.command("bench", help=_("How quick a model is here, in every configuration that fits."))(bench.run_bench)
    app.command("tokens", help=_("How a text falls into tokens, and what they cost."))(tokens.tokens)

    pictures = _group(_("Pictures: draw, list, export, import."))
    pictures.command("generate", help=_("Draw a picture."))(images.generate)
    pictures.command("list", help=_("The pictures, newest first."))(images.list_pictures)
    pictures.command("export", help=_("Copy pictures into a folder."))(images.export)
    pictures.command("import", help=_("Take picture files into the gallery."))(images.import_files)
    app.add_typer(pictures, name="images")

    chats = _group(_("Conversations: list, export, import."))
    chats.command("list", help=_("The conversations, newest first."))(conversations.list_conversations)
    chats.command("export", help=_("Write conversations as Markdown or JSON."))(conversations.export)
    chats.command("import", help=_("Read conversations that THAU or ChatGPT exported."))(conversations.import_file)
    app.add_typer(chats, name="conversations")
    return app


def _group(help_text: str, bare_command: bool = False) -> typer.Typer:
    """A group of commands; with `bare_command` it does something by itself as well."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=not bare_command,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _root(
    version: Annotated[bool, typer.Option("--version", help=_("Show the version of this program."))] = False,
) -> None:
    if version:
        sys.stdout.write(f"thau {__version__}\n")
        raise typer.Exit
