"""`/docs`: the OpenAPI document as one readable page, without a script and without anything from the net."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from thau_desktop.translation import _, language

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #2f6fde; }
body { font: 15px/1.55 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; text-transform: capitalize; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .6rem 0; padding: .5rem .8rem; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 3.4rem; color: var(--accent); }
code, pre { font: 13px/1.5 ui-monospace, monospace; background: var(--soft); border-radius: 5px; }
code { padding: .1em .3em; } pre { padding: .7rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top;
  padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); } p { margin: .5rem 0; }
"""


def page(document: Mapping[str, Any], address: str) -> str:
    """The page for an OpenAPI document; `address` is where the API is, for the commands to copy."""
    body = "".join(_parts(document, address))
    title = escape(document["info"]["title"])
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><h1>{title} {escape(document['info']['version'])}</h1>{body}</body></html>"
    )


def _parts(document: Mapping[str, Any], address: str) -> Iterator[str]:
    yield f"<p>{escape(document['info']['description'])}</p>"
    yield f'<p>{_("The same for programs:")} <a href="/openapi.json">openapi.json</a></p>'
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = "".join(_operation(document, address, path, method, operation))
            groups.setdefault(operation["tags"][0], []).append(told)
    for name, operations in groups.items():
        yield f"<h2>{escape(name)}</h2>{''.join(operations)}"


def _operation(
    document: Mapping[str, Any], address: str, path: str, method: str, operation: Mapping[str, Any]
) -> Iterator[str]:
    about = escape(operation.get("description", ""))
    first = about.partition(". ")[0].rstrip(".")
    yield f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> {first}</summary><p>{about}</p>"
    rows = [
        (parameter["name"], parameter["schema"], parameter.get("required", False), "")
        for parameter in operation.get("parameters", ())
    ]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    schema = _resolved(document, content["schema"]) if content else {}
    needed = schema.get("required", ())
    rows += [
        (name, kind, name in needed, kind.get("description", "")) for name, kind in schema.get("properties", {}).items()
    ]
    if rows:
        yield "<table>"
        for name, kind, required, words in rows:
            mark = f" ({_('required')})" if required else ""
            yield f"<tr><td><code>{escape(name)}</code>{mark}</td><td>{escape(_kind(document, kind))}</td>"
            yield f"<td>{escape(words)}</td></tr>"
        yield "</table>"
    yield f"<pre>{escape(_curl(address, path, method, schema, operation))}</pre>"
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json")
    if answer:
        found = _resolved(document, answer["schema"])
        fields = ", ".join(found.get("properties", {})) or _kind(document, found)
        yield f"<p>{_('Answers with:')} <code>{escape(fields)}</code></p>"
    yield "</details>"


def _curl(address: str, path: str, method: str, schema: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    command = f"curl {address}{path}"
    if operation.get("security") != []:
        command += ' -H "Authorization: Bearer $THAU_API_TOKEN"'
    if schema:
        example = json.dumps(next(iter(schema.get("examples", [{}]))), ensure_ascii=False)
        command += " -H 'Content-Type: application/json' \\\n  -d '" + example.replace("'", "'\\''") + "'"
    elif method != "get":
        command += f" -X {method.upper()}"
    return command


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _kind(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """A type in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = [_kind(document, one) for one in schema[several]]
            return " | ".join(kind for kind in kinds if kind != "null")
    if "const" in schema or "enum" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        return f"[{_kind(document, schema.get('items', {}))}]"
    return str(schema.get("type", "any"))
