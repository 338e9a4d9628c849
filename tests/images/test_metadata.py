"""What files say about their pictures: our JSON and A1111's text, written and read back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.images.conftest import pixels
from thau_desktop.images import files
from thau_desktop.images.metadata import PictureUnreadable, a1111, columns, parse_a1111, read

ASKED = {
    "prompt": 'A fox, "red": ñandú 🌵\nsecond line',
    "negative_prompt": "rain, snow",
    "model": "thau-image-v1",
    "width": 64,
    "height": 48,
    "steps": 20,
    "guidance": 7.5,
    "seed": 42,
    "scheduler": "euler a",
    "seconds": 1.5,
    "created": "2026-11-21T03:04:05.000000+00:00",
}


def save(path: Path, **texts: str) -> Path:
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    Image.new("RGB", (64, 48), "red").save(path, pnginfo=info)
    return path


def test_our_own_picture_says_all_its_parameters(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(files.encode(pixels(64, 48), 64, 48, ASKED))
    facts = read(path, whole=True)
    assert (facts.width, facts.height, facts.parameters, facts.ours) == (64, 48, ASKED, True)
    assert facts.created_at == ASKED["created"] and facts.suffix == ".png"
    with Image.open(path) as image:
        assert image.tobytes() == pixels(64, 48)
        assert parse_a1111(image.info["parameters"])["seed"] == 42


def test_our_text_is_read_as_a1111_reads_it() -> None:
    read_back = parse_a1111(a1111(ASKED))
    assert {name: read_back[name] for name in ("prompt", "negative_prompt", "steps", "guidance", "seed", "model")} == {
        name: ASKED[name] for name in ("prompt", "negative_prompt", "steps", "guidance", "seed", "model")
    }
    assert read_back["scheduler"] == "euler a"


def test_a1111s_parameters_are_read(tmp_path: Path) -> None:
    text = (
        "masterpiece, (fox:1.2), <lora:fur:0.8>,\nforest\nNegative prompt: blurry,\nlowres\n"
        "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 1234567890, Size: 512x768,"
        ' Model hash: abc, Model: "deliberate, v2", Denoising strength: 0.4, Version: v1.9.0'
    )
    facts = read(save(tmp_path / "a.png", parameters=text))
    found = columns(facts)
    assert found["prompt"] == "masterpiece, (fox:1.2), <lora:fur:0.8>,\nforest"
    assert found["negative_prompt"] == "blurry,\nlowres"
    assert (found["steps"], found["guidance"], found["seed"]) == (28, 6.5, 1234567890)
    assert (found["model"], found["scheduler"]) == ("deliberate, v2", "DPM++ 2M Karras")
    assert (found["width"], found["height"]) == (64, 48), "the picture's own size counts"
    assert facts.parameters["a1111"] == text and facts.parameters["strength"] == 0.4 and not facts.ours


def test_a_prompt_alone_is_a_prompt() -> None:
    assert parse_a1111("just words: with a colon")["prompt"] == "just words: with a colon"
    assert parse_a1111("  ") == {}
    assert parse_a1111("x\nSteps: many, Seed: 7") == {"prompt": "x", "seed": 7, "a1111": "x\nSteps: many, Seed: 7"}


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_the_comment_of_other_formats_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "zorro ñ\nSteps: 9, Seed: 3".encode("utf-16-be")
    Image.new("RGB", (64, 48)).save(path, exif=exif)
    facts = read(path)
    assert (facts.parameters["prompt"], facts.parameters["seed"]) == ("zorro ñ", 3)
    assert facts.suffix == (".jpg" if kind == "jpeg" else ".webp")


def test_without_parameters_the_files_time_is_its_own(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", thau="[1, 2", Comment="hello")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    facts = read(path)
    assert (facts.parameters, facts.ours, facts.created_at[:10]) == ({}, False, "2023-11-14")


def test_parameters_of_wrong_kinds_are_kept_and_not_taken_for_columns(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.png", thau='{"prompt": 5, "seed": "x", "steps": true, "guidance": 1e400, "created": "now"}'
    )
    facts = read(path)
    assert facts.ours and columns(facts).keys() == {"width", "height", "created_at", "parameters"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no PNG, JPEG or WebP"),
        (b"GIF89a" + b"\0" * 50, "no PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "can't be read"),
        (None, "no longer on the disk"),
    ],
)
def test_what_is_no_picture_is_said(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(PictureUnreadable, match=said):
        read(tmp_path / "a.png", whole=True)


def test_a_cut_off_picture_is_noticed_when_it_is_read_whole(tmp_path: Path) -> None:
    data = files.encode(os.urandom(64 * 48 * 3), 64, 48, ASKED)
    (tmp_path / "a.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(PictureUnreadable, match="cut off"):
        read(tmp_path / "a.png", whole=True)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadable):
        read(tmp_path)
