"""Two languages, switched while THAU runs; every sentence is in both."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

from thau_desktop import paths, translation
from thau_desktop.translation import _, language, ngettext_, set_language, system_language

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("thau_translations", ROOT / "packaging" / "translations.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def language_restored() -> Iterator[None]:
    before = language()
    yield
    set_language(before)


@pytest.fixture
def spanish(tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalog of our own with three sentences, used instead of the shipped one."""
    catalog = Catalog(locale="es", domain="thau")
    catalog.add("Start", "Empezar")
    catalog.add("Stop {name}", "Parar {name}")
    catalog.add(("{n} message", "{n} messages"), ("{n} mensaje", "{n} mensajes"))
    po = tmp_path / "locale" / "es" / "LC_MESSAGES" / "thau.po"
    po.parent.mkdir(parents=True)
    po.with_suffix(".mo").write_bytes(script._mo_bytes(catalog))
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    return po


@pytest.mark.usefixtures("spanish")
def test_the_language_can_be_switched_while_running() -> None:
    set_language("es")
    assert (_("Start"), _("Stop {name}").format(name="x"), language()) == ("Empezar", "Parar x", "es")
    set_language("en")
    assert (_("Start"), language()) == ("Start", "en")


@pytest.mark.usefixtures("spanish")
def test_plurals_follow_the_language() -> None:
    set_language("es")
    assert [ngettext_("{n} message", "{n} messages", n) for n in (1, 2)] == ["{n} mensaje", "{n} mensajes"]
    set_language("en")
    assert [ngettext_("{n} message", "{n} messages", n) for n in (1, 0)] == ["{n} message", "{n} messages"]


def test_a_missing_catalog_falls_back_to_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    set_language("es")
    assert _("Start") == "Start"


def test_an_empty_sentence_stays_empty() -> None:
    set_language("es")
    assert _("") == ""


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "es"}, "es"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "es_ES.UTF-8"}, "es"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "es:en"}, "es"),
    ],
)
def test_the_system_language_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    assert system_language() == expected


def test_a_child_process_speaks_the_language_of_its_parent() -> None:
    set_language("es")
    command = [sys.executable, "-c", "from thau_desktop.translation import language; print(language())"]
    outcome = subprocess.run(command, cwd=ROOT, env={**os.environ, "LANG": "C"}, stdout=subprocess.PIPE, check=True)
    assert outcome.stdout.decode().strip() == "es"


def test_the_module_keeps_no_catalog_before_it_is_asked() -> None:
    command = "import thau_desktop.translation as t, sys; sys.exit(t._catalog is not None)"
    assert subprocess.run([sys.executable, "-c", command], cwd=ROOT, check=False).returncode == 0
    assert translation.DOMAIN == "thau"


def test_an_update_keeps_translations_and_drops_what_is_gone(tmp_path: Path, script: ModuleType) -> None:
    po = tmp_path / "thau.po"
    first = Catalog()
    first.add("Start")
    first.add("Gone")
    script.update(po, first)
    po.write_text(po.read_text().replace('msgid "Start"\nmsgstr ""', 'msgid "Start"\nmsgstr "Empezar"'))
    second = Catalog()
    second.add("Start")
    second.add("Start now")
    catalog = script.update(po, second)
    assert catalog.get("Start").string == "Empezar"
    assert not catalog.get("Start now").string
    assert "Gone" not in po.read_text()
    before = po.read_bytes()
    script.update(po, second)
    assert po.read_bytes() == before


def test_a_placeholder_that_the_source_does_not_have_is_a_problem(tmp_path: Path, script: ModuleType) -> None:
    po = tmp_path / "thau.po"
    source = Catalog()
    source.add("Stop {name}")
    script.update(po, source)
    assert script.problems(po, source) == ["not translated: 'Stop {name}'"]
    po.write_text(po.read_text().replace('{name}"\nmsgstr ""', '{name}"\nmsgstr "Parar {nombre}"'))
    script.update(po, source)
    assert script.problems(po, source) == ["not the same placeholders: 'Stop {name}'"]


def test_every_sentence_is_translated_and_the_compiled_catalog_is_fresh(script: ModuleType) -> None:
    assert script.problems() == []
