"""Settings: what a person wrote is kept, what can't be used is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from thau_desktop import settings as settings_module
from thau_desktop.errors import SettingsError
from thau_desktop.settings import Settings, SettingsFile, allowed, bounds, choices, field_of, groups


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_a_missing_file_gives_the_defaults_of_the_contract(path: Path) -> None:
    file = SettingsFile(path)
    settings = file.load()
    training = settings.training
    assert (training.auto_train_interval_hours, training.hour, training.min_new_examples) == (24, "03:00", 10)
    assert (training.batch_size, training.epochs_per_training, training.learning_rate) == (2, 3, 2e-4)
    assert (training.lora_r, training.lora_alpha, training.max_context_length) == (32, 64, 2048)
    assert (settings.chat.temperature, settings.chat.top_p, settings.chat.top_k) == (0.7, 0.9, 40)
    assert (settings.images.width, settings.images.steps, settings.images.guidance) == (512, 30, 7.5)
    assert (settings.api.enabled, settings.api.host, settings.api.port) == (False, "127.0.0.1", 8000)
    assert settings.privacy.capture_conversations is False
    assert file.problems == [] and not path.exists()


def test_a_change_is_saved_and_read_by_another_process(path: Path) -> None:
    SettingsFile(path).change("chat", "temperature", 0.3)
    assert SettingsFile(path).load().chat.temperature == 0.3


def test_a_change_keeps_comments_unknown_keys_and_hand_edits(path: Path) -> None:
    path.write_text('# mine\nversion = 1\n[chat]\nfuture = "x"  # later\ntop_k = 7\n[stranger]\na = 1\n')
    file = SettingsFile(path)
    file.load()
    path.write_text(path.read_text() + "b = 2\n")
    assert file.change("chat", "top_k", 9).chat.top_k == 9
    text = path.read_text()
    for kept in ("# mine", 'future = "x"  # later', "[stranger]", "b = 2", "top_k = 9"):
        assert kept in text


def test_two_files_open_at_once_do_not_undo_each_other(path: Path) -> None:
    window, terminal = SettingsFile(path), SettingsFile(path)
    window.load()
    terminal.load()
    window.change("chat", "top_k", 5)
    settings = terminal.change("appearance", "theme", "dark")
    assert (settings.chat.top_k, settings.appearance.theme) == (5, "dark")


@pytest.mark.parametrize("content", [b"[chat\ntop_k = = 3", b"\xff\xfe\x00bad", b"[chat]\na = 1\na = 2\n"])
def test_a_broken_file_is_set_aside_and_the_defaults_are_used(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    file = SettingsFile(path)
    assert file.load() == Settings()
    [aside] = path.parent.glob("settings.toml.broken-*")
    assert aside.read_bytes() == content
    assert len(file.problems) == 1 and str(aside) in file.problems[0]
    assert file.change("chat", "top_k", 3).chat.top_k == 3


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("top_k = -4", "chat.top_k"),
        ('top_k = "many"', "chat.top_k"),
        ("top_k = true", "chat.top_k"),
        ("temperature = nan", "chat.temperature"),
        ('tools = "always"', "chat.tools"),
        ("send_with_enter = 1", "chat.send_with_enter"),
        ("persona = [1]", "chat.persona"),
    ],
)
def test_one_bad_value_falls_back_and_stays_in_the_file(path: Path, line: str, name: str) -> None:
    path.write_text(f"[chat]\n{line}\nmax_new_tokens = 99\n")
    file = SettingsFile(path)
    settings = file.load()
    key = name.split(".")[1]
    assert getattr(settings.chat, key) == field_of("chat", key).default
    assert settings.chat.max_new_tokens == 99
    assert len(file.problems) == 1 and name in file.problems[0]
    file.change("chat", "max_new_tokens", 98)
    assert line in path.read_text()


def test_a_group_that_is_no_section_is_reported_and_can_be_replaced(path: Path) -> None:
    path.write_text("chat = 3\n")
    file = SettingsFile(path)
    assert file.load().chat.top_k == 40
    assert "chat" in file.problems[0]
    assert file.change("chat", "top_k", 4).chat.top_k == 4
    assert file.problems == []


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("chat", "temperature", 3.0),
        ("images", "width", 500),
        ("images", "width", 2048),
        ("training", "hour", "25:00"),
        ("model", "device", "tpu"),
        ("api", "port", 0),
        ("api", "host", "bad host"),
        ("appearance", "text_scale", 0.5),
        ("chat", "nothing", 1),
        ("nothing", "top_k", 1),
    ],
)
def test_a_change_that_is_not_allowed_is_explained_and_nothing_is_written(
    path: Path, group: str, key: str, value: Any
) -> None:
    with pytest.raises(SettingsError) as caught:
        SettingsFile(path).change(group, key, value)
    assert key in caught.value.what
    assert not path.exists()


def test_a_reset_gives_the_default_back(path: Path) -> None:
    file = SettingsFile(path)
    file.change("chat", "top_k", 3)
    assert file.reset("chat", "top_k").chat.top_k == 40
    assert "top_k" not in path.read_text()


def test_an_open_choice_can_be_made_and_taken_back(path: Path) -> None:
    file = SettingsFile(path)
    assert file.load().general.keep_in_tray is None
    assert file.change("general", "keep_in_tray", False).general.keep_in_tray is False
    assert file.change("general", "keep_in_tray", None).general.keep_in_tray is None


def test_every_setting_has_a_description_and_says_which_values_it_takes() -> None:
    for group, kind in groups().items():
        for key, info in kind.model_fields.items():
            assert info.description, f"{group}.{key}"
            assert allowed(group, key).endswith("."), f"{group}.{key}"


def test_bounds_and_choices_are_there_for_the_settings_page() -> None:
    assert bounds(field_of("images", "width")) == {"ge": 256, "le": 1024, "multiple_of": 8}
    assert choices(field_of("chat", "tools")) == ("auto", "ask", "off")
    assert "256" in allowed("images", "width") and "1024" in allowed("images", "width")


def test_an_old_file_is_migrated_when_it_is_read_and_when_it_is_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(data: settings_module.Table) -> None:
        data["chat"]["top_k"] = data["chat"].pop("k")

    monkeypatch.setattr(settings_module, "_MIGRATIONS", {0: rename})
    path.write_text("version = 0\n[chat]\nk = 12\n")
    file = SettingsFile(path)
    assert file.load().chat.top_k == 12
    file.change("chat", "top_p", 0.5)
    text = path.read_text()
    assert "version = 1" in text and "top_k = 12" in text


def test_a_folder_in_the_place_of_the_file_is_told_and_not_a_crash(path: Path) -> None:
    path.mkdir()
    file = SettingsFile(path)
    assert file.load() == Settings()
    assert file.problems
    with pytest.raises(SettingsError):
        file.change("chat", "top_k", 3)
    assert path.is_dir()


@pytest.mark.skipif(os.name == "nt", reason="file size limits are POSIX")
def test_a_full_disk_keeps_the_old_settings(path: Path) -> None:
    import resource

    SettingsFile(path).change("chat", "top_k", 3)
    before = path.read_bytes()
    script = (
        "import sys; from pathlib import Path; from thau_desktop.errors import DiskFull;"
        "from thau_desktop.settings import SettingsFile\n"
        "try: SettingsFile(Path(sys.argv[1])).change('chat', 'top_k', 4)\n"
        "except DiskFull as error: print(error)"
    )
    outcome = subprocess.run(
        [sys.executable, "-B", "-c", script, str(path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert "settings.toml" in outcome.stdout
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]


def test_one_model_may_run_otherwise_than_the_rest(path: Path) -> None:
    file = SettingsFile(path)
    model = file.change("model", "own", {"Qwen2.5-7B": {"precision": "nf4", "window": 1024}}).model
    assert (model.of("Qwen2.5-7B").precision, model.of("Qwen2.5-7B").window) == ("nf4", 1024)
    assert model.of("Qwen2.5-7B").device == model.device
    assert model.of("another") is model
    assert SettingsFile(path).load().model == model
    path.write_text('[model]\nthreads = 2\n[model.own.a]\nprecision = "3-bit"\n')
    damaged = SettingsFile(path)
    assert damaged.load().model.threads == 2 and not damaged.settings.model.own
    assert "model.own" in damaged.problems[0]
