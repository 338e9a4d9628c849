"""The packages of others that THAU is made of, and under which licence each may be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata

ROOT = "thau-desktop"
_NAME = re.compile(r"^[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"\bextra\s*==")
_LONGEST = 60  # letters; some packages put the whole licence where its name belongs


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package; "" for what its record does not say."""

    name: str
    version: str
    licence: str
    summary: str


def packages(root: str = ROOT) -> list[Package]:
    """Everything that `root` needs and that is installed here, by name, without itself. Reads a file a package."""
    found: dict[str, Package] = {}
    waiting = [root]
    seen: set[str] = set()
    while waiting:
        key = _key(waiting.pop())
        if key in seen:
            continue
        seen.add(key)
        try:
            distribution = metadata.distribution(key)
        except metadata.PackageNotFoundError:
            continue  # for another system, or a bundle that carries no records
        record = distribution.metadata
        name = _value(record, "Name") or key
        found[key] = Package(name, distribution.version, _licence(record), _value(record, "Summary"))
        waiting += [_needed(line) for line in distribution.requires or [] if not _EXTRA.search(line)]
    found.pop(_key(root), None)
    return sorted(found.values(), key=lambda package: package.name.lower())


def _needed(requirement: str) -> str:
    match = _NAME.match(requirement)
    return match.group() if match else ""


def _key(name: str) -> str:
    """The name as package indexes compare it (https://packaging.python.org/specifications/name-normalization)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(record: metadata.PackageMetadata) -> str:
    expression = _value(record, "License-Expression")
    if expression:
        return expression
    classifiers = [line for line in record.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [line.rpartition(" :: ")[2] for line in classifiers]
    if named:
        return ", ".join(name for name in named if name != "OSI Approved") or named[0]
    first = _value(record, "License").partition("\n")[0]
    return first if len(first) <= _LONGEST else f"{first[:_LONGEST]}…"


def _value(record: metadata.PackageMetadata, key: str) -> str:
    return str(record[key] or "").strip() if key in record else ""
