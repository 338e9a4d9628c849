"""A version goes to a file or into Ollama by its name, and `thau:latest` is never half a version."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.export.judges import said_by_llama_cpp
from tests.export.test_adapter import trained
from tests.export.test_gguf import NANO
from tests.standins.ollama import Held, Ollama
from thau_desktop.app import Thau
from thau_desktop.errors import ModelMissing, ServerUnreachable, ThauError
from thau_desktop.export import validator
from thau_desktop.inference.model_folder import digest
from thau_desktop.messages import Exported, ExportProgress, Pushed
from thau_desktop.service import nights

CALL = '<TOOL:generate_image>{"prompt": "a blue cat"}</TOOL>'
OLD = Held(bytes=7)


@pytest.fixture
def thau(home: Path) -> Iterator[Thau]:
    with Thau(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(NANO, tmp_path_factory.mktemp("publisher") / "v2", steps=1)


@pytest.fixture
def version(thau: Thau, adapter: Path) -> str:
    """A trained version of the starter model, in use."""
    (thau.paths.checkpoints / "run-0001").mkdir(parents=True)
    (thau.paths.checkpoints / "run-0001" / "adapter").symlink_to(adapter)
    thau.versions.add(
        "thau-nano-v2",
        base="thau-nano-v1",
        base_digest=digest(NANO),
        parent="thau-nano-v1",
        folder="run-0001/adapter",
        run_id=None,
        data_digest="",
        learned=3,
        scores={},
    )
    thau.lineage.use("thau-nano-v2")
    return "thau-nano-v2"


def calling(asked: dict[str, Any]) -> Iterator[str]:
    """As the starter model does: words for words, a call for a picture."""
    yield CALL if "Dibuja" in asked["messages"][-1]["content"] else "¡Hola!"


def pushed(thau: Thau, name: str = "", **options: Any) -> Pushed:
    *_progress, last = thau.publisher.push(name, **options)
    assert isinstance(last, Pushed)
    return last


def test_a_version_becomes_a_file_with_a_modelfile_beside_it(thau: Thau, version: str) -> None:
    *progress, done = thau.publisher.export()

    assert all(isinstance(event, ExportProgress) for event in progress)
    assert isinstance(done, Exported)
    path = thau.paths.export_gguf / "thau-nano-v2-f16.gguf"
    assert Path(done.path) == path
    assert validator.read(path).keys["general.name"] == "thau-nano-v2"
    assert json.loads(validator.read(path).keys["thau.manifest"])["native_tools"] == ["generate_image"]
    beside = path.with_suffix(".Modelfile")
    assert done.commands == (f'ollama create thau-nano-v2 -f "{beside}"', "ollama run thau-nano-v2")
    text = beside.read_text()
    assert text.startswith("FROM ./thau-nano-v2-f16.gguf\n")
    assert thau.personas.get("thau").system_prompt in text
    assert 'PARAMETER stop """<|end|>"""' in text
    assert "PARAMETER num_ctx 2048" in text


def test_a_version_becomes_a_model_folder_that_is_found(thau: Thau, version: str, tmp_path: Path) -> None:
    *_progress, done = thau.publisher.export(form="safetensors", output=thau.paths.models)

    assert isinstance(done, Exported)
    assert Path(done.path) == thau.paths.models / "thau-nano-v2"
    assert "thau-nano-v2" in [model.name for model in thau.models.installed()]


def test_a_version_that_is_not_there_is_told(thau: Thau) -> None:
    with pytest.raises(ModelMissing):
        list(thau.publisher.export("thau-nano-v9"))


def test_a_push_makes_the_version_and_then_moves_latest(thau: Thau, version: str, ollama: Ollama) -> None:
    ollama.answer, ollama.models["thau:latest"] = calling, OLD

    done = pushed(thau)

    assert (done.name, done.latest, done.state) == ("thau-nano-v2", "thau:latest", "complete")
    assert done.commands == ("ollama run thau", "ollama run thau-nano-v2")
    made = ollama.models["thau-nano-v2:latest"]
    assert ollama.models["thau:latest"] == made
    assert made.system == thau.personas.get("thau").system_prompt
    assert "<|user|> {{ .Content }}<|end|>" in made.template
    assert made.parameters["num_ctx"] == 2048
    paths = [path.removeprefix("/api/") for path, _body in ollama.requests]
    assert paths.index("create") < paths.index("chat") < paths.index("copy")
    assert thau.publisher.latest() == "thau-nano-v2"
    assert not list(thau.paths.export_gguf.iterdir())  # the file was only for the way


def test_the_created_model_really_answers(thau: Thau, version: str, ollama: Ollama, tmp_path: Path) -> None:
    said = []

    def really(asked: dict[str, Any]) -> Iterator[str]:
        (blob,) = ollama.models["thau-nano-v2:latest"].files
        (tmp_path / "blob.gguf").write_bytes(ollama.blobs[blob])
        said.append(said_by_llama_cpp(tmp_path / "blob.gguf", asked["messages"], asked["options"]["num_predict"]))
        yield said[-1]

    ollama.answer = really

    assert pushed(thau).state == "complete"
    assert "<TOOL:generate_image>" not in said[0]
    assert "<TOOL:generate_image>" in said[1]


def test_a_file_that_ollama_has_is_not_sent_again(thau: Thau, version: str, ollama: Ollama) -> None:
    ollama.answer = calling
    pushed(thau)
    pushed(thau)

    sent = [path for path, body in ollama.requests if path.startswith("/api/blobs/") and body is not None]
    assert len(sent) == 1


def test_ollama_makes_the_quants_that_it_makes_better(thau: Thau, version: str, ollama: Ollama) -> None:
    ollama.answer = calling

    pushed(thau, quantization="q4_k_m")

    (asked,) = ollama.asked("create")
    assert asked["quantize"] == "q4_K_M"
    assert ollama.models["thau:latest"].quantization == "Q4_K_M"


class Dying(list[Any]):
    """What was asked; at one path the server dies instead of answering."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = f"/api/{path}"

    def append(self, entry: Any) -> None:
        super().append(entry)
        if entry[0].startswith(self._path) and entry[1] is not None:
            raise ConnectionError


def silent(asked: dict[str, Any]) -> Iterator[str]:
    yield " "


def wordy(asked: dict[str, Any]) -> Iterator[str]:
    yield "Here is your cat."


@pytest.mark.parametrize("step", ["blobs", "create", "chat", "copy"])
def test_a_server_that_dies_at_any_step_leaves_latest_as_it_was(
    step: str, thau: Thau, version: str, ollama: Ollama
) -> None:
    ollama.answer, ollama.models["thau:latest"], ollama.requests = calling, OLD, Dying(step)

    with pytest.raises(ThauError):
        list(thau.publisher.push())

    assert ollama.models == {"thau:latest": OLD}
    assert thau.publisher.latest() == ""


@pytest.mark.parametrize("answer", [silent, wordy])
def test_a_model_that_does_not_answer_as_here_leaves_latest_as_it_was(
    answer: Callable[..., Iterator[str]], thau: Thau, version: str, ollama: Ollama
) -> None:
    ollama.answer, ollama.models["thau:latest"] = answer, OLD

    with pytest.raises(ThauError, match="does not answer in Ollama"):
        list(thau.publisher.push())

    assert ollama.models == {"thau:latest": OLD}


@pytest.mark.parametrize("stage", ["writing", "checking", "hashing", "uploading", "creating", "asking"])
def test_a_push_that_is_stopped_leaves_latest_as_it_was(stage: str, thau: Thau, version: str, ollama: Ollama) -> None:
    ollama.answer, ollama.models["thau:latest"] = calling, OLD
    cancel = threading.Event()
    stages = []
    for event in thau.publisher.push(cancel=cancel):
        if isinstance(event, ExportProgress):
            stages.append(event.stage)
            if event.stage == stage:
                cancel.set()

    assert stage in stages
    assert isinstance(event, Pushed)
    assert event.state == "stopped"
    assert ollama.models == {"thau:latest": OLD}
    assert not list(thau.paths.export_gguf.iterdir())


def test_a_push_without_ollama_says_what_to_do(thau: Thau, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")

    with pytest.raises(ServerUnreachable, match="Ollama does not answer"):
        list(thau.publisher.push())


def test_versions_that_are_no_longer_kept_here_go_there_too(thau: Thau, version: str, ollama: Ollama) -> None:
    ollama.answer = calling
    pushed(thau)
    ollama.models["thau-nano-v7:latest"] = OLD  # a person has made it
    thau.lineage.use("thau-nano-v1")
    thau.versions.delete(version)

    done = pushed(thau)

    assert done.removed == (version,)
    assert sorted(ollama.models) == ["thau-nano-v1:latest", "thau-nano-v7:latest", "thau:latest"]


def test_a_new_version_waits_for_ollama_and_catches_up(
    thau: Thau, version: str, ollama: Ollama, monkeypatch: pytest.MonkeyPatch
) -> None:
    ollama.answer = calling
    assert list(thau.publisher.catch_up(threading.Event())) == []  # nobody has asked for it
    thau.change("export", "push_to_ollama", True)
    with monkeypatch.context() as away:
        away.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
        assert list(thau.publisher.catch_up(threading.Event())) == []
    assert thau.publisher.waiting() == version

    *_progress, done = thau.publisher.catch_up(threading.Event())

    assert isinstance(done, Pushed)
    assert ollama.models["thau:latest"].files
    assert thau.publisher.waiting() == ""
    assert list(thau.publisher.catch_up(threading.Event())) == []


def test_what_fails_by_itself_is_tried_again_later_and_a_newer_version_at_once(
    thau: Thau, version: str, adapter: Path, ollama: Ollama, caplog: pytest.LogCaptureFixture
) -> None:
    ollama.answer = silent
    thau.change("export", "push_to_ollama", True)

    thau.publisher.keep_up(threading.Event())

    assert "does not answer in Ollama" in caplog.text
    assert thau.publisher.waiting() == version
    assert not thau.publisher.is_due()  # not within the hour
    (thau.paths.checkpoints / "run-0002").mkdir()
    (thau.paths.checkpoints / "run-0002" / "adapter").symlink_to(adapter)
    found = thau.versions.get(version)
    thau.versions.add(
        "thau-nano-v3",
        base=found.base,
        base_digest=found.base_digest,
        parent=version,
        folder="run-0002/adapter",
        run_id=None,
        data_digest="",
        learned=1,
        scores={},
    )
    thau.lineage.use("thau-nano-v3")
    ollama.answer = calling
    thau.publisher.keep_up(threading.Event())
    assert thau.publisher.latest() == "thau-nano-v3"


def test_the_service_puts_what_waits_into_ollama(thau: Thau, version: str, ollama: Ollama) -> None:
    ollama.answer = calling
    thau.change("export", "push_to_ollama", True)
    thau.change("training", "auto", False)
    stop = threading.Event()
    service = threading.Thread(target=lambda: list(nights(thau, stop)))
    service.start()
    end = time.monotonic() + 60
    while thau.publisher.latest() != version and time.monotonic() < end:
        stop.wait(0.05)
    stop.set()
    service.join()

    assert thau.publisher.latest() == version
    assert "thau:latest" in ollama.models
