"""`thau images`, drawing with a tiny model in a real child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests import tiny_pictures
from tests.cli.conftest import Outcome
from thau_desktop.app import Thau
from thau_desktop.store.parts import now
from thau_desktop.store.pictures import Picture

Here = Callable[..., Outcome]


@pytest.fixture(scope="session")
def tiny_turbo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that draws in one step."""
    return tiny_pictures.lcm(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def drawing_home(home: Path, tiny_turbo: Path) -> Path:
    """A home whose chosen image model is the tiny one."""
    (home / "models").mkdir()
    (home / "models" / "tiny").symlink_to(tiny_turbo)
    with Thau(home) as thau:
        thau.change("images", "model", "tiny")
        thau.change("model", "threads", 1)
    return home


def keep(home: Path, *prompts: str) -> list[Picture]:
    with Thau(home) as thau:
        return [
            thau.gallery.keep_drawn(
                bytes(48 * 32 * 3), {"prompt": prompt, "width": 48, "height": 32, "seed": 1, "created": now()}
            )
            for prompt in prompts
        ]


def test_a_picture_is_drawn_listed_drawn_again_and_exported(here: Here, drawing_home: Path, tmp_path: Path) -> None:
    drawn = here(
        "images", "generate", "un zorro 🦊", "--negative-prompt", "lluvia", "--steps", "1", "--guidance", "1.5",
        "--width", "256", "--height", "250", "--seed", "7", "--count", "2", "--json",
    )  # fmt: skip
    assert drawn.status == 0, drawn.err
    types = [line["type"] for line in drawn.lines]
    assert types.index("model_loading") < types.index("drawing_step") < types.index("image_ready")
    assert types.count("image_ready") == 2 and types[-1] == "finished" and "preview" not in drawn.out
    finished = drawn.lines[-1]
    assert finished["state"] == "complete" and len(finished["notes"]) == 1 and "256" in finished["notes"][0]
    first, second = finished["images"]
    assert (first["prompt"], first["negative_prompt"], first["steps"], first["guidance"]) == (
        "un zorro 🦊", "lluvia", 1, 1.5,
    )  # fmt: skip
    assert (first["width"], first["height"], first["seed"], second["seed"]) == (256, 256, 7, 8)
    assert first["model"] == "tiny" and first["deleted"] is False
    with Image.open(first["path"]) as image:
        assert image.size == (256, 256) and "Seed: 7" in image.info["parameters"]
    listed = here("images", "list", "--json").json
    assert [entry["id"] for entry in listed["pictures"]] == [second["id"], first["id"]] and listed["total"] == 2
    again = here(
        "images",
        "generate",
        "un zorro 🦊",
        "--negative-prompt",
        "lluvia",
        "--steps",
        "1",
        "--guidance",
        "1.5",
        "--width",
        "256",
        "--height",
        "256",
        "--seed",
        "8",
    )
    assert again.status == 0 and again.out.count("\n") == 1
    with Image.open(second["path"]) as one, Image.open(again.out.strip()) as other:
        assert one.tobytes() == other.tobytes()
    exported = here("images", "export", first["id"], "--output", str(tmp_path / "out"))
    assert exported.status == 0 and Path(exported.out.strip()).read_bytes() == Path(first["path"]).read_bytes()


def test_without_a_model_it_is_said_what_to_do(here: Here, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = here("images", "generate", "a fox", "--model", "nothing")
    assert (missing.status, missing.out) == (1, "")
    assert (
        missing.err.startswith("Error: The image model nothing is not on this disk.") and missing.err.count("\n") == 1
    )


def test_a_broken_model_is_said(here: Here, home: Path) -> None:
    (home / "models" / "broken").mkdir(parents=True)
    (home / "models" / "broken" / "model_index.json").write_text("{")
    broken = here("images", "generate", "a fox", "--model", "broken")
    assert broken.status == 1 and broken.err.count("\n") == 1 and "model_index.json" in broken.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["generate"],
        ["generate", "  "],
        ["generate", "x", "--steps", "many"],
        ["generate", "x", "--seed", "-1"],
        ["generate", "x", "--preset", "slow"],
        ["export"],
        ["export", "1", "--all"],
        ["import"],
    ],
)
def test_wrong_usage_ends_with_2(here: Here, home: Path, arguments: list[str]) -> None:
    wrong = here("images", *arguments)
    assert (wrong.status, wrong.out) == (2, "") and wrong.err and "Traceback" not in wrong.err


def test_a_list_is_searched_and_cut(here: Here, home: Path) -> None:
    assert here("images", "list").out == "No picture.\n"
    keep(home, "a red fox", "a blue fox in a forest of very tall trees at the end of the world, by night", "a cat")
    assert [line.split()[0] for line in here("images", "list").out.splitlines()] == ["3", "2", "1"]
    assert here("images", "list", "--search", "fox blue").out.count("\n") == 1
    cut = here("images", "list", "--limit", "1").out
    assert "a cat" in cut and "2 more" in cut
    assert here("images", "list", "--favourite", "--json").json == {"pictures": [], "total": 0}


def test_an_export_says_what_is_gone_and_what_never_was(here: Here, home: Path, tmp_path: Path) -> None:
    first, second = keep(home, "one", "two")
    (home / "generated_images" / first.file).unlink()
    outcome = here("images", "export", "--all", "-o", str(tmp_path))
    assert outcome.status == 1 and outcome.out == f"{tmp_path / second.file}\n" and str(first.id) in outcome.err
    assert here("images", "export", "99").status == 1


def test_an_import_tells_what_it_refuses_by_number_and_reason(here: Here, home: Path, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no picture")
    outcome = here("images", "import", str(tmp_path / "a.png"), str(tmp_path / "b.png"))
    assert outcome.status == 0 and outcome.out == "1 imported, 0 already here, 1 refused\n"
    assert outcome.err.startswith("2. ") and "b.png" in outcome.err and "no PNG" in outcome.err
    again = here("images", "import", str(tmp_path / "a.png"), "--json")
    assert again.lines[-1] == {"type": "import_finished", "ids": [], "duplicates": 1, "refused": 0}
