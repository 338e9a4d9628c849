"""The log never stands in anybody's way."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from thau_desktop.log import LogFile


@pytest.fixture
def logger() -> logging.Logger:
    made = logging.Logger("test")
    made.propagate = False
    return made


def write(logger: logging.Logger, path: Path) -> None:
    handler = LogFile(path)
    logger.addHandler(handler)
    logger.warning("something happened")
    handler.close()


def test_a_line_has_its_time_and_its_level(logger: logging.Logger, tmp_path: Path) -> None:
    write(logger, tmp_path / "a.log")
    assert (tmp_path / "a.log").read_text(encoding="utf-8").endswith("WARNING test: something happened\n")


def test_a_folder_that_is_gone_is_no_reason_to_fail(
    logger: logging.Logger, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(logger, tmp_path / "gone" / "a.log")
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_no_reason_to_fail(logger: logging.Logger, capfd: pytest.CaptureFixture[str]) -> None:
    write(logger, Path("/dev/full"))
    assert capfd.readouterr().err == ""


def test_a_bug_in_a_line_is_still_told(
    logger: logging.Logger, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    handler = LogFile(tmp_path / "a.log")
    logger.addHandler(handler)
    logger.warning("%d", "no number")
    handler.close()
    assert "no number" in capfd.readouterr().err
