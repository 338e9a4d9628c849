"""`thau …`: reads the command line, runs a command, and turns every outcome into an exit status.

0: done. 1: a problem, told in one line on stderr. 2: wrong usage. 130: stopped with Ctrl+C. The traceback of a
bug goes into the log. typer and the commands are imported late, so that `thau --version` answers at once.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from thau_desktop import __version__
from thau_desktop.cli.output import make_streams_tolerant, printable, silence_stdout, tell
from thau_desktop.errors import ThauError
from thau_desktop.log import LogFile
from thau_desktop.paths import Paths
from thau_desktop.translation import _, set_language

_logger = logging.getLogger(__name__)


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command line, without the program's name (default: this process's), and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    make_streams_tolerant()
    if arguments == ["--version"]:
        sys.stdout.write(f"thau {__version__}\n")
        return 0
    try:
        _speak_the_chosen_language()
        from thau_desktop.cli.commands import build

        build()(args=arguments, prog_name="thau")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        silence_stdout()
        return 1
    except ThauError as error:
        _report(str(error), error.details)
        return 1
    except Exception as bug:  # noqa: BLE001 - the last place where a bug can be logged
        _report_bug(bug)
        return 1
    return 0


def _speak_the_chosen_language() -> None:
    from thau_desktop.settings import SettingsFile

    file = SettingsFile(Paths.find().settings)
    set_language(file.load().general.language)
    tell(file.problems)


def _report(sentence: str, details: str = "") -> None:
    """One line on stderr; what only the curious want goes to the log."""
    line = printable(" ".join(sentence.split()))
    sys.stderr.write(_("Error: {what}").format(what=line) + "\n")
    if details:
        with _log():
            _logger.error("%s\n%s", line, details)


def _report_bug(bug: Exception) -> None:
    name = f"{type(bug).__name__}: {bug}" if str(bug) else type(bug).__name__
    with _log() as path:
        _logger.critical("bug", exc_info=bug)
    if path is None:
        _report(_("THAU ran into a bug: {bug}.").format(bug=name))
    else:
        _report(_("THAU ran into a bug: {bug}. The details are in {log}.").format(bug=name, log=path))


@contextlib.contextmanager
def _log() -> Iterator[Path | None]:
    """The log file, open: no `Thau` is, when a command has failed. None where it can't be written."""
    path = Paths.find().logs / "thau_service.log"
    top = logging.getLogger("thau_desktop")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a").close()
    except OSError:
        yield None
        return
    handler = LogFile(path)
    top.addHandler(handler)
    try:
        yield path
    finally:
        top.removeHandler(handler)
        handler.close()
