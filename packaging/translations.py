"""Extract the sentences that people read, update the Spanish catalog, compile it.

python packaging/translations.py           extract, update thau.po, compile thau.mo
python packaging/translations.py --check    say what is missing or stale; exit status 1 if anything is
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "resources" / "locale" / "es" / "LC_MESSAGES" / "thau.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext_": (1, 2)}
# Babel writes this into a catalog when it is made; kept fixed so that an update without news changes nothing.
HEADER = "# Spanish translations of THAU Desktop.\n#"


def template() -> Catalog:
    """Every marked sentence of the core, the window and main.py."""
    catalog = Catalog(domain="thau", project="THAU Desktop", charset="utf-8")
    for path, message, comments in _marked():
        catalog.add(message, locations=[(path, 0)], auto_comments=comments)
    return catalog


def update(po: Path = PO, source: Catalog | None = None) -> Catalog:
    """Bring `po` up to date with the sources and compile the .mo beside it; returns the new catalog."""
    source = source or template()
    catalog = _merged(po, source)
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_bytes(_po_bytes(catalog))
    po.with_suffix(".mo").write_bytes(_mo_bytes(catalog))
    return catalog


def problems(po: Path = PO, source: Catalog | None = None) -> list[str]:
    """What stands between the sources and a complete, compiled catalog."""
    source = source or template()
    if not po.exists():
        return [f"{po} is missing"]
    catalog = _merged(po, source)
    found = [f"not translated: {_first(message.id)!r}" for message in catalog if message.id and not _whole(message)]
    found += [
        f"not the same placeholders: {_first(message.id)!r}"
        for message in catalog
        if message.id and _whole(message) and not _same_placeholders(message)
    ]
    if po.read_bytes() != _po_bytes(catalog):
        found.append(f"{po.name} is not up to date: run make translations")
    mo = po.with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != _mo_bytes(catalog):
        found.append(f"{mo.name} is not up to date: run make translations")
    return found


def _marked() -> Iterator[tuple[str, str | tuple[str, ...], list[str]]]:
    for folder in ("thau_desktop", "ui"):
        for name, _line, message, comments, _context in extract_from_dir(
            ROOT / folder, method_map=[("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
        ):
            yield f"{folder}/{name}".replace("\\", "/"), message, comments
    main = ROOT / "main.py"
    if main.exists():
        for _line, message, comments, _context in extract_from_file("python", main, KEYWORDS, ("Translators:",)):
            yield "main.py", message, comments


def _merged(po: Path, source: Catalog) -> Catalog:
    catalog = Catalog(locale="es", domain="thau", project="THAU Desktop", header_comment=HEADER, fuzzy=False)
    if po.exists():
        with po.open("rb") as file:
            catalog = read_po(file, locale="es", domain="thau")
    # Guesses at similar sentences would pass as translations: a changed sentence is translated again.
    catalog.update(source, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.header_comment, catalog.fuzzy = HEADER, False
    return catalog


def _po_bytes(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=110, sort_by_file=True, include_lineno=False, omit_header=False)
    return file.getvalue()


def _mo_bytes(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def _strings(message: object) -> tuple[str, ...]:
    string = getattr(message, "string", "")
    return tuple(string) if isinstance(string, list | tuple) else (string,)


def _whole(message: object) -> bool:
    return all(_strings(message)) and not getattr(message, "fuzzy", False)


def _same_placeholders(message: object) -> bool:
    """Whether the translation names only placeholders that the source has; a wrong one raises at run time."""
    source = getattr(message, "id", "")
    known = set().union(*(_placeholders(text) for text in (source if isinstance(source, tuple) else (source,))))
    if isinstance(source, str):
        return _placeholders(_strings(message)[0]) == known
    return all(_placeholders(text) <= known for text in _strings(message))


def _placeholders(text: str) -> set[str]:
    import string

    try:
        return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()  # a sentence with a lone brace is not a format


def _first(identifier: str | tuple[str, ...] | list[str]) -> str:
    return identifier if isinstance(identifier, str) else identifier[0]


def main() -> int:
    if "--check" in sys.argv[1:]:
        found = problems()
    else:
        update()
        found = [problem for problem in problems() if problem.startswith("not ")]
    for problem in found:
        print(problem)
    print(f"{len(template())} sentences, {len(found)} problems")
    return 1 if found and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
