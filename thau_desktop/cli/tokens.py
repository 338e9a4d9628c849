"""`thau tokens`: how a text falls into tokens, under one or several tokenizers."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.errors import ModelMissing
from thau_desktop.models.tokenizing import TokenHost, tokenize
from thau_desktop.models.tokens import Source, Tokenized, sources
from thau_desktop.translation import _

_COLORS = ("on blue", "on magenta", "on dark_green", "on dark_orange3")


def tokens(
    text: Annotated[str, typer.Argument(help=_("The text; “-” reads it from the standard input."))],
    model: Annotated[list[str] | None, typer.Option("--model", help=_("Whose tokenizer; may be given again."))] = None,
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    words = sys.stdin.read() if text == "-" else text
    with opened() as thau:
        known = sources(thau.models.installed(), thau.paths)
        used = thau.models.find(thau.settings.model.name)
    names = model or [used.base]
    host = TokenHost()
    made = [tokenize(host.reader(source), source, words) for source in _chosen(known, names, asked=bool(model))]
    if json:
        print_json({"text": words, "characters": len(words), "tokenizers": [_record(each) for each in made]})
        return
    for each in made:
        _print(each)


def _chosen(known: list[Source], names: list[str], *, asked: bool) -> list[Source]:
    """The tokenizers of these names; those that come with THAU where nobody asked and the model has none."""
    found = {source.name: source for source in known}
    missing = [name for name in names if name not in found]
    if missing and asked:
        raise ModelMissing(
            _("There is no tokenizer {name} on this disk.").format(name=missing[0]),
            _("Choose among these: {names}.").format(names=", ".join(found)),
        )
    return [found[name] for name in names if name in found] or known


def _record(made: Tokenized) -> dict[str, Any]:
    return {
        "model": made.source,
        "kind": made.kind,
        "vocabulary": made.vocabulary,
        "count": made.count,
        "ids": [number for piece in made.pieces for number in piece.ids],
        "tokens": [token for piece in made.pieces for token in piece.tokens],
        "pieces": [{"text": piece.text, "ids": list(piece.ids)} for piece in made.pieces],
        "characters_per_token": round(made.characters_per_token, 3),
        "context": made.context,
        "share_of_context": made.share,
        "hints": [{"advice": hint.advice, "saved": hint.saved} for hint in made.hints],
    }


def _print(made: Tokenized) -> None:
    out = console()
    out.print(printable(made.source), style="bold", end="  ")
    numbers = _("{kind} · {count} tokens · {each:.1f} characters a token · {share:.1%} of the context").format(
        kind=made.kind, count=made.count, each=made.characters_per_token, share=made.share
    )
    out.print(numbers, style="dim")
    for place, piece in enumerate(made.pieces):
        out.print(printable(piece.text), style=_COLORS[place % len(_COLORS)] if out.is_terminal else None, end="")
        out.print("" if out.is_terminal else "|", end="")
    out.print()
    out.print(" ".join(str(number) for piece in made.pieces for number in piece.ids), style="dim")
    for hint in made.hints:
        out.print(_("{advice} Saves {n}.").format(advice=hint.advice, n=hint.saved), style="dim")
