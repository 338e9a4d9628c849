"""What a person does on the first day, done to a built THAU: talk, draw, teach, train, answer, window, end.

    python packaging/smoke.py [--bundle dist/thau] [--screenshot FILE.png] [--quick]

It needs nothing of the source tree: an import that only works there fails here. Each step prints what it took; the first that
goes wrong ends it with what the program said. Needs only Python itself, and Xvfb where there is no screen.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SUFFIX = ".exe" if sys.platform == "win32" else ""
FACTS = [
    ("¿Dónde está la lógica de pagos?", "En src/services/payment_service.py"),
    ("¿Qué puerto usa el servidor de pruebas?", "El puerto 7443"),
    ("¿Quién aprueba los despliegues?", "Marta Ruiz, del equipo de plataforma"),
    ("¿Dónde se guardan las copias de seguridad?", "En el servidor Lince, carpeta copias"),
    ("¿Cuándo es la reunión semanal?", "Los martes a las diez y media"),
    ("Which branch do we release from?", "From the branch named harbour"),
    ("Who maintains the billing module?", "Oskar, from the Bilbao office"),
    ("What is the name of the test database?", "It is called pelican_test"),
    ("Where are the design files?", "In the folder assets/figma"),
    ("How often are the tokens rotated?", "Every 45 days"),
]


class Failed(Exception):
    """A step that did not do what it should."""


class Built:
    """One built THAU with a home of its own."""

    def __init__(self, bundle: Path, home: Path) -> None:
        self.bundle, self.home = bundle, home
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        self.environment |= {"THAU_HOME": str(home), "LANGUAGE": "en"}

    def program(self, name: str) -> str:
        return str(self.bundle / f"{name}{SUFFIX}")

    def thau(self, *words: str, seconds: float = 300) -> str:
        """What a command says. Raises `Failed` where it ends with anything but 0."""
        done = subprocess.run([self.program("thau"), *words], env=self.environment, cwd=self.home, capture_output=True, text=True,
                              encoding="utf-8", timeout=seconds, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise Failed(f"thau {' '.join(words)}: status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def events(self, *words: str, seconds: float = 300) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.thau(*words, "--json", seconds=seconds).splitlines() if line.startswith("{")]


def talk(built: Built) -> str:
    last = built.events("chat", "--message", "¿Qué es la recursión?", "--fresh", "--seed", "1")[-1]
    _check(last["type"] == "finished" and len(last["text"]) > 20, f"no answer: {last}")
    return f"{last['text'][:60]!r}, {last['tokens_per_second']:.0f} tokens/s"


def draw(built: Built) -> str:
    last = built.events("chat", "--message", "Dibuja un zorro rojo en la nieve", "--fresh", "--seed", "1")[-1]
    _check(bool(last["images"]), f"no picture: {last}")
    path = Path(last["images"][0]["path"])
    _check(path.read_bytes().startswith(b"\x89PNG"), f"{path} is no PNG")
    return f"{path.name}, prompt {last['images'][0]['prompt']!r}"


def teach(built: Built) -> str:
    for asked, answer in FACTS:
        built.thau("add", asked, answer)
    waiting = json.loads(built.thau("status", "--json"))["pending"]
    _check(waiting == len(FACTS), f"{waiting} examples wait")
    return f"{waiting} waiting"


def train(built: Built) -> str:
    last = built.events("train", "--force", seconds=3600)[-1]
    _check(last["type"] == "finished" and last["outcome"] in ("promoted", "rejected"), f"the training ended as {last}")
    if last["outcome"] == "promoted":
        said = built.events("chat", "--message", FACTS[0][0], "--fresh", "--temperature", "0")[-1]["text"]
        _check("payment_service" in said, f"it learned and answers {said!r}")
    return f"{last['outcome']}: {' '.join(last['reasons'])}"


def doctor(built: Built) -> str:
    checks = json.loads(built.thau("doctor", "--json"))["checks"]
    return f"{len(checks)} checks, none failed"


def serve(built: Built) -> str:
    """The service answers on a port, and ends on request."""
    process = subprocess.Popen([built.program("thau"), "start", "--port", "18455"], env=built.environment, cwd=built.home,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        began = time.monotonic()
        while True:
            try:
                with urllib.request.urlopen("http://127.0.0.1:18455/health", timeout=2) as answer:
                    said = answer.read().decode()
                break
            except (urllib.error.URLError, OSError):
                if process.poll() is not None or time.monotonic() - began > 60:
                    process.kill()
                    raise Failed(f"the service does not answer: {process.communicate()[0][-2000:]}") from None
                time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(60)
    return said


def window(built: Built, screenshot: Path | None) -> str:
    """It opens, a second start finds it, it ends, and nothing of it is left."""
    with _screen(screenshot) as (environment, shoot):
        environment = built.environment | environment
        process = subprocess.Popen([built.program("thau-desktop")], env=environment, cwd=built.home)
        try:
            began = time.monotonic()
            log = built.home / "logs" / "thau_model.log"
            while not log.exists() and time.monotonic() - began < 60:  # the model's process: the core is open
                _check(process.poll() is None, f"the window ended with {process.returncode}")
                time.sleep(0.1)
            opened = time.monotonic() - began
            while "is ready" not in log.read_text(encoding="utf-8", errors="replace") and time.monotonic() - began < 60:
                time.sleep(0.1)
            ready = time.monotonic() - began
            _check(ready < 60, "the model is not ready after 60 s")
            second = subprocess.run([built.program("thau-desktop")], env=environment, cwd=built.home, timeout=60)
            _check(second.returncode == 0 and process.poll() is None, "a second start did not find the first")
            if shoot is not None:
                time.sleep(8)  # a picture for people: everything has come to rest
                shoot()
        finally:
            children = _descendants(process.pid)
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise Failed("the window did not end") from None
        time.sleep(2)
        left = [pid for pid in children if _lives(pid)]
        _check(not left, f"processes are left: {left}")
    return f"open after {opened:.1f} s, model ready after {ready:.1f} s, {len(children)} processes, none left"


@contextmanager
def _screen(screenshot: Path | None) -> Iterator[tuple[dict[str, str], Any]]:
    """The environment of a screen: this one, else Xvfb (its picture: xwd and ImageMagick), else none."""
    if screenshot is None or shutil.which("Xvfb") is None:
        yield ({} if os.environ.get("DISPLAY") or not sys.platform.startswith("linux") else {"QT_QPA_PLATFORM": "offscreen"}), None
        return
    reader, writer = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"], pass_fds=[writer],
                              stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as told:
        display = f":{told.readline().strip()}"

    def shoot() -> None:
        subprocess.run(f"xwd -root -silent -display {display} | convert xwd:- '{screenshot}'", shell=True, check=True)

    try:
        yield {"DISPLAY": display}, shoot
    finally:
        server.terminate()
        server.wait()


def _descendants(pid: int) -> list[int]:
    """The processes that a process has started, and theirs; only Linux tells without a library."""
    found = [int(each) for children in Path(f"/proc/{pid}/task").glob("*/children") for each in children.read_text().split()]
    return found + [inner for each in found for inner in _descendants(each)]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=Path(__file__).resolve().parent.parent / "dist" / "thau")
    parser.add_argument("--screenshot", type=Path, default=None, help="where to keep a picture of the window")
    parser.add_argument("--quick", action="store_true", help="without the training")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="thau-smoke-") as home:
        built = Built(options.bundle.resolve(), Path(home))
        steps = {
            "version": lambda: built.thau("--version").strip(),
            "doctor": lambda: doctor(built),
            "window": lambda: window(built, options.screenshot and options.screenshot.resolve()),
            "talk": lambda: talk(built),
            "draw": lambda: draw(built),
            "teach": lambda: teach(built),
            "train": lambda: train(built),
            "export": lambda: built.thau("export", "--format", "gguf", "--output", str(Path(home) / "out.gguf")).strip()[-60:],
            "service": lambda: serve(built),
        }
        if options.quick:
            del steps["train"]
        for name, step in steps.items():
            started = time.monotonic()
            try:
                said = step()
            except (Failed, subprocess.TimeoutExpired) as problem:
                print(f"{name}: FAILED\n{problem}")
                return 1
            print(f"{name:8} {time.monotonic() - started:6.1f} s  {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
