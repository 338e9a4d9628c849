"""Starts a face of THAU: without arguments the window, with arguments the command line."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path


def main() -> int:
    """Run what the command line asks for and return the exit status."""
    # First of all: in a frozen program a spawned child comes through here.
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments and not _opens_what_it_is_given():
        from thau_desktop.cli.main import run as command_line

        return command_line(arguments)
    if not has_screen():
        from thau_desktop.cli.main import run as command_line
        from thau_desktop.translation import _

        print(_("There is no screen here, so THAU talks in the terminal."), file=sys.stderr)
        return command_line(["chat"])
    from ui.application import run as window

    return window(sys.argv)


def _opens_what_it_is_given() -> bool:
    """`thau` takes commands; `thau-desktop` files and thau:// addresses, as a desktop hands them over."""
    return Path(sys.argv[0]).stem == "thau-desktop"


def has_screen() -> bool:
    """Whether a window can be shown."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    sys.exit(main())
