"""`thau api token` and `thau api rotate`: what other programs show to use the API."""

from __future__ import annotations

import sys

from thau_desktop.api.token import Token
from thau_desktop.paths import Paths


def token() -> None:
    sys.stdout.write(Token(Paths.find().create()).value() + "\n")


def rotate() -> None:
    sys.stdout.write(Token(Paths.find().create()).rotate() + "\n")
