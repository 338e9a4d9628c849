"""`thau models`: what there is, what can be had, fetching, taking in, removing, and talking with what came."""

from __future__ import annotations

import io
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import tiny_model
from tests.cli.conftest import Outcome
from tests.conftest import ROOT
from tests.standins.hub import Hub, Repo
from thau_desktop.keys import HUB, SERVER, Keys
from thau_desktop.paths import Paths

Thau = Callable[..., Outcome]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tiny_folder: Path, tmp_path: Path) -> Iterator[Hub]:
    with Hub() as made:
        monkeypatch.setenv("HF_ENDPOINT", made.address)
        made.repos["lab/tiny"] = Repo.of(tiny_model.copy(tiny_folder, tmp_path / "tiny", 4096))
        yield made


def test_the_catalog_says_what_fits(here: Thau) -> None:
    listed = here("models", "list", "--json").json
    names = [entry["name"] for entry in listed["catalog"]]
    assert {"Qwen2.5-Coder-1.5B-Instruct", "TinyLlama-1.1B-Chat-v1.0", "Falcon3-7B-Instruct"} <= set(names)
    assert all(entry["fits"] in ("full", "int8", "nf4", None) for entry in listed["catalog"])
    words = here("models", "list").out
    assert "thau-nano-v1" in words and "Phi-3-mini-128k-instruct" in words and "MIT" in words


def test_a_downloaded_model_answers(thau: Thau, hub: Hub) -> None:
    done = thau("models", "download", "lab/tiny")
    assert done.status == 0, done.err
    assert Path(done.out.strip()).name == "tiny"
    answer = thau("chat", "--model", "tiny", "--message", "Hola", "--temperature", "0", "--json").lines[-1]
    assert answer["type"] == "finished" and answer["model"] == "tiny" and answer["tokens"] > 0


def test_a_download_as_json_lines_ends_with_finished(thau: Thau, hub: Hub) -> None:
    lines = thau("models", "download", "lab/tiny", "--json").lines
    assert [lines[0]["type"], lines[-1]["type"], lines[-1]["state"]] == ["started", "finished", "complete"]
    assert all(line["type"] == "progress" for line in lines[1:-1])


def test_the_command_itself_may_be_killed_and_goes_on(thau: Thau, hub: Hub, home: Path) -> None:
    repo = hub.repos["lab/tiny"]
    repo.hold_after["model.safetensors"] = 70_000
    command = [sys.executable, str(ROOT / "main.py"), "models", "download", "lab/tiny"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    repo.holding.wait()
    part = home / "models" / ".part" / "lab--tiny" / "model.safetensors.partial"
    while not (part.exists() and part.stat().st_size):
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    repo.released.set()
    half = thau("models", "list", "--json").json["paused"]
    assert [each["name"] for each in half] == ["lab/tiny"] and 0 < half[0]["done"] < half[0]["bytes"]
    hub.asked.clear()
    assert thau("models", "download", "lab/tiny").status == 0
    (asked,) = hub.ranges("model.safetensors")
    assert asked.startswith("bytes=") and asked != "bytes=0-"


def test_a_gated_model_is_one_line_on_stderr(thau: Thau, hub: Hub) -> None:
    hub.repos["lab/tiny"].gated = True
    refused = thau("models", "download", "lab/tiny")
    assert refused.status == 1 and refused.out == ""
    assert len(refused.err.splitlines()) == 1 and "settings/tokens" in refused.err


def test_a_folder_of_ones_own_is_taken_in_and_removed(here: Thau, tiny_folder: Path, home: Path) -> None:
    done = here("models", "import", str(tiny_folder))
    assert done.status == 0, done.err
    assert (home / "models" / "tiny" / "model.safetensors").exists()
    assert here("models", "import", str(tiny_folder)).status == 1
    assert here("models", "remove", "tiny").status == 0
    assert not (home / "models" / "tiny").exists()


def test_a_file_that_is_no_model_is_refused(here: Thau, tmp_path: Path) -> None:
    (tmp_path / "notes.gguf").write_text("words")
    refused = here("models", "import", str(tmp_path / "notes.gguf"))
    assert refused.status == 1 and "no GGUF file" in refused.err


def test_weights_that_may_hold_programs_are_not_taken_in(here: Thau, tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unsafe"
    shutil.copytree(tiny_folder, folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused = here("models", "import", str(folder))
    assert refused.status == 1 and "may hold programs" in refused.err


def test_a_key_is_kept_read_from_standard_input_and_forgotten(
    here: Thau, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys(Paths.find())
    for name, kept in (("huggingface", HUB), ("lab", f"{SERVER}lab")):
        monkeypatch.setattr(sys, "stdin", io.StringIO("secret-1\n"))
        refused = here("models", "key", name)
        if name == "lab":
            assert refused.status == 1 and "no server lab" in refused.err and keys.get(kept) is None
            (home / "settings.toml").write_text('[model]\nservers = "lab=http://127.0.0.1:9/v1"\n')
            assert here("models", "key", name).status == 0
        assert keys.get(kept) == "secret-1"
        forgotten = here("models", "key", name, "--forget")
        assert forgotten.status == 0 and "No key" in forgotten.out and keys.get(kept) is None


def test_one_model_runs_otherwise_than_the_rest(here: Thau) -> None:
    shown = here("models", "set", "thau-nano-v1", "--precision", "nf4", "--window", "512", "--json").json
    assert (shown["precision"], shown["window"], shown["context"]) == ("nf4", 512, 2048)
    assert shown["own"] == ["precision", "window"]
    assert "* precision: nf4" in here("models", "set", "thau-nano-v1").out  # nothing is changed by looking
    refused = here("models", "set", "thau-nano-v1", "--precision", "3-bit")
    assert refused.status == 1 and "3-bit" in refused.err and "nf4" in refused.err
    assert here("models", "set", "nothing", "--precision", "nf4").status == 1
    shown = here("models", "set", "thau-nano-v1", "--reset", "--context", "1024", "--json").json
    assert shown["own"] == ["context"] and shown["precision"] == "auto"
