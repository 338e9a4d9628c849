"""Renders every page in light and dark, Spanish and English, into `docs/images/`: `make screenshots`.

The window, its store and the starter model are the real ones; the conversation is asked while you wait. Names render
those pages only: `python -m tests.screenshots gallery gallery-viewer`, in all looks or in those that are named, too
("es-light").
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import httpx
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.conftest import ROOT
from tests.export.test_adapter import trained
from thau_desktop.api.token import Token
from thau_desktop.app import Thau
from thau_desktop.inference.model_folder import digest
from thau_desktop.messages import ImageReady, Text
from thau_desktop.paths import Paths
from thau_desktop.settings import SettingsFile
from thau_desktop.store.examples import NewExample
from thau_desktop.training import intake
from thau_desktop.translation import _
from ui.application import Session
from ui.gallery.page import GalleryPage
from ui.gallery.panel_values import Values
from ui.models.page import ModelsPage
from ui.settings.page import SettingsPage
from ui.training.compare_dialog import CompareDialog
from ui.training.page import TrainingPage
from ui.training.report_dialog import ReportDialog

LOOKS = [f"{language}-{look}" for language in ("es", "en") for look in ("light", "dark")]
IMAGES = ROOT / "docs" / "images"
QUESTIONS = {
    "es": ["Dibuja un zorro rojo en la nieve al atardecer", "¿Qué es la recursión?", "¿Quién ganó el mundial de 1998?"],
    "en": ["Draw a red fox in the snow at sunset", "What is recursion?", "Who won the 1998 world cup?"],
}
LESSONS = {
    "es": [
        ("¿Qué es el patrón Strategy?", "Define una familia de algoritmos intercambiables", "equipo.jsonl"),
        ("¿Quién aprueba los despliegues?", "Marta, en el 612 345 678", "equipo.jsonl"),
        ("¿Cómo optimizo esta consulta SQL?", "Añade un índice en user_id", "approved"),
        ("¿Qué puerto usa el servidor de pruebas?", "El 7443, solo en la red interna", "window"),
        ("¿Dónde está la lógica de pagos?", "En src/services/payment_service.py", "correction"),
    ],
    "en": [
        ("What is the Strategy pattern?", "It defines a family of interchangeable algorithms", "team.jsonl"),
        ("Who approves deployments?", "Marta, at +34 612 345 678", "team.jsonl"),
        ("How do I optimise this SQL query?", "Add an index on user_id", "approved"),
        ("Which port does the test server use?", "7443, on the internal network only", "window"),
        ("Where is the payment logic?", "In src/services/payment_service.py", "correction"),
    ],
}
EARLIER = {
    "es": ["Lógica de pagos del proyecto", "Optimizar consulta SQL", "Ideas para el logotipo", "Plan de estudio de ML"],
    "en": ["Payment logic of the project", "Optimise an SQL query", "Ideas for the logo", "ML study plan"],
}
NIGHTS = (  # days ago, minutes, how it ended, examples, percents of facts, tools, general
    (6, 4.2, "promoted", 18, 91, 98, 90),
    (5, 3.6, "rejected", 11, 88, 71, 89),
    (3, 0.0, "skipped", 2),
    (2, 0.0, "skipped", 4),
    (0, 4.1, "promoted", 22, 96, 98, 90),
)
BEFORE = {"new": 0.0, "tools": 0.98, "general": 0.9}
DOUBTFUL = 3  # the row of the example that waits for a look
PICTURES = 24
OPENED = 4  # which of them the viewer shows
SHAPES = [(512, 512)] * 5 + [(768, 512), (512, 768)]
COLOURS = ["red", "golden", "yellow", "green", "blue", "purple", "pink", "white"]
THINGS = [
    "fox",
    "cat",
    "owl",
    "fish",
    "snail",
    "car",
    "house",
    "castle",
    "boat",
    "rocket",
    "robot",
    "wizard",
    "star",
]
PLACES = ["in the snow", "on the beach", "in the forest", "in the city at night", "on a lake", "in space", "at sunset"]


def wait(until: Callable[[], bool], seconds: float = 120) -> None:
    """Run the event loop until the condition holds."""
    loop, end = QEventLoop(), time.monotonic() + seconds
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if until() or time.monotonic() > end else None)
    timer.start(20)
    loop.exec()
    timer.stop()
    if not until():
        sys.exit("timed out")


def pause(seconds: float) -> None:
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end)


def shoot(widget: QWidget, name: str) -> None:
    pause(0.3)
    widget.grab().save(str(IMAGES / f"{name}.png"), "PNG", 60)
    print(f"docs/images/{name}.png")


def render(application: QApplication, suffix: str, names: list[str]) -> None:
    language, look = suffix.split("-")
    with tempfile.TemporaryDirectory() as home:
        paths = Paths.find(home).create()
        settings = SettingsFile(paths.settings)
        settings.load()
        settings.change("general", "language", language)
        settings.change("appearance", "theme", look)
        settings.change("appearance", "reduced_motion", True)
        settings.change("chat", "temperature", 0.0)
        session = Session(paths, application)
        session.window.resize(1280, 800)
        session.start()
        try:
            for name, widget in _pages(session, language, names):
                if not names or name in names:
                    shoot(widget, f"{name}-{suffix}")
        finally:
            session.close()


def _pages(session: Session, language: str, names: list[str]) -> Iterator[tuple[str, QWidget]]:
    """Every page by name; what takes long only where it is among `names`, or all are wanted."""
    window = session.window
    wait(lambda: session.thau is not None)
    thau = session.thau
    assert thau is not None
    pause(1.0)
    yield "first-run", window
    for title in EARLIER[language]:
        conversation = thau.conversations.create(title)
        thau.conversations.add_message(conversation.id, "user", (Text(title),), state="complete")
    thau.change("general", "first_run_done", True)
    window.show_page("chat")
    pause(0.5)
    window.new_chat()
    yield "welcome", window
    if not names or "chat" in names:
        _converse(session, language)
        yield "chat", window
    if not names or {"gallery", "gallery-viewer"} & set(names):
        yield from _gallery(session, thau)
    teach(thau, language)
    for name in ("training", "models", "settings"):  # with what else they show
        page = window.show_page(name)
        if isinstance(page, TrainingPage):
            pause(0.6)
            page.queue.table.setFocus()
            page.queue.table.selectRow(DOUBTFUL)
        pause(0.6)
        yield name, window
        if isinstance(page, TrainingPage):
            dialog = CompareDialog(thau, window)
            dialog.prompt.setText(QUESTIONS[language][0])
            dialog.show()
            pause(0.3)
            yield "compare-versions", dialog
            dialog.close()
            report = ReportDialog(thau, next(run for run in thau.runs.list() if run.state == "rejected"), window)
            report.show()
            yield "training-report", report
            report.close()
            if "training-live" in names or not names:
                yield from _learn(session, page)
        elif isinstance(page, ModelsPage):
            _count_tokens(page)
            yield "models-tokens", window
            page.tabs.setCurrentIndex(0)
        elif isinstance(page, SettingsPage):
            _serve(session, page)
            yield "settings-api", window
            thau.change("api", "enabled", False)
    window.show_page("chat")
    window.open_palette()
    yield "palette", window


def _learn(session: Session, page: TrainingPage) -> Iterator[tuple[str, QWidget]]:
    """A training that runs, really."""
    page.trainings.start()
    wait(lambda: page.trainings.live is not None and page.trainings.live.step > 30, 600)
    page.look_again()
    yield "training-live", session.window
    page.trainings.stop()
    wait(lambda: page.trainings.live is None)


def _serve(session: Session, page: SettingsPage) -> None:
    """Switch the API on and ask it something."""
    thau, server = session.thau, session.api
    assert thau is not None and server is not None
    thau.change("api", "enabled", True)
    server.follow()
    wait(lambda: bool(server.url))
    for path in ("/health", "/v1/models"):
        httpx.get(server.url + path, headers={"Authorization": f"Bearer {Token(thau.paths).value()}"})
    wait(lambda: len(server.requests) == 2)
    page.open_group("api")
    pause(0.6)


def _count_tokens(page: ModelsPage) -> None:
    page.tabs.setCurrentIndex(2)
    wait(lambda: page.tokens.idle)
    page.tokens.text.setPlainText("\n".join((*QUESTIONS["es"], *QUESTIONS["en"])))
    pause(0.6)
    wait(lambda: page.tokens.idle)


def teach(thau: Thau, language: str) -> None:
    """Fill the training page: what waits, and the nights before."""
    for instruction, output, source in LESSONS[language]:
        intake.add(thau.examples, NewExample(instruction, output, source))
    now = datetime.now().astimezone()
    last = now.replace(hour=3, minute=0, second=0) - timedelta(days=now.hour < 4)
    base = used = "thau-nano-v1"
    for days, minutes, state, learned, *percents in NIGHTS:
        scores = dict(zip(("new", "tools", "general"), (percent / 100 for percent in percents), strict=False))
        run = thau.runs.begin("schedule", base, used, asdict(thau.trainer.recipe()))
        reasons = _reasons(state, scores, learned)
        if state == "promoted":
            used = thau.versions.next_name("nano")
            folder = trained(thau.models.find(base).path, thau.paths.checkpoints / run.folder / "adapter", steps=1)
            thau.versions.add(
                used,
                base=base,
                base_digest=digest(thau.models.find(base).path),
                parent=run.incumbent,
                folder=str(folder.relative_to(thau.paths.checkpoints)),
                run_id=run.id,
                data_digest="",
                learned=learned,
                scores=scores,
            )
        measured = {"candidate": scores, "incumbent": BEFORE} if scores else {}
        version = used if state == "promoted" else ""
        thau.runs.end(run.id, state, reasons=reasons, scores=measured, version=version)
        begun = last - timedelta(days=days)
        times = (begun, begun + timedelta(minutes=minutes))
        with thau.database.transaction() as connection:
            found = (*(when.astimezone(UTC).isoformat() for when in times), run.id)
            connection.execute("UPDATE runs SET started_at = ?, ended_at = ? WHERE id = ?", found)
            connection.execute("UPDATE versions SET created_at = ? WHERE run_id = ?", found[1:])
    thau.examples.learned([thau.examples.list()[0].id], used)
    thau.change("model", "name", used)


def _reasons(state: str, scores: dict[str, float], learned: int) -> list[str]:
    """What the gate, or the trainer before it, would say."""
    if state == "skipped":
        return [_("{n} new examples wait, at least {least} are needed.").format(n=learned, least=10)]
    told = []
    if state == "rejected":
        lost = _("It lost too much of {suite}: {now} instead of {before}, and {allowed} may be lost.")
        told = [
            lost.format(suite=_("when to draw"), now=f"{100 * scores['tools']:.0f} %", before="98 %", allowed="1 %")
        ]
    new = _("It answers {now} of what is new ({before} before).")
    return [*told, new.format(now=f"{100 * scores['new']:.0f} %", before="0 %")]


def _converse(session: Session, language: str) -> None:
    editor = session.window.page.composer.editor
    for number, question in enumerate(QUESTIONS[language], start=1):
        editor.setPlainText(question)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        wait(lambda asked=number: _answered(session) >= asked)
    pause(0.5)


def _gallery(session: Session, thau: Thau) -> Iterator[tuple[str, QWidget]]:
    hang(thau)
    page = session.window.show_page("gallery")
    assert isinstance(page, GalleryPage)
    wait(lambda: len(page.model.ids) >= PICTURES and page.panel is not None and page.panel.model is not None)
    opened = page.model.ids[OPENED]
    asked = Values.of(thau.pictures.get(opened), page.panel.values)
    page.panel.show_values(replace(asked, seed=None, scheduler=""))
    page.grid.setFocus()
    pause(2.0)
    yield "gallery", session.window
    page.open_picture(opened)
    wait(lambda: page.viewer is not None and page.viewer.canvas.has_picture)
    yield "gallery-viewer", session.window
    page.stop()


def hang(thau: Thau) -> None:
    """Fill the gallery with pictures of the last weeks, all drawn by the starter model, none left out."""
    rng = random.Random(11)
    when = datetime.now(UTC)
    for number in range(PICTURES):
        when -= timedelta(hours=rng.uniform(0.2, 30.0) if number > OPENED else 0.1)
        width, height = SHAPES[0] if number <= OPENED else rng.choice(SHAPES)
        prompt = f"a {rng.choice(COLOURS)} {rng.choice(THINGS)} {rng.choice(PLACES)}"
        wish = thau.studio.request(prompt, width=width, height=height, seed=number, steps=20)
        drawn = [event for event in thau.studio.generate(wish, threading.Event()) if isinstance(event, ImageReady)]
        with thau.database.transaction() as connection:
            connection.execute(
                "UPDATE pictures SET created_at = ?, favourite = ? WHERE id = ?",
                (when.isoformat(timespec="microseconds"), number % 9 == 3, drawn[0].id),
            )


def _answered(session: Session) -> int:
    """How many answers of the newest conversation are whole."""
    assert session.thau is not None
    newest = max(session.thau.conversations.list(), key=lambda c: c.id)
    return sum(m.role == "assistant" and m.state == "complete" for m in session.thau.conversations.path(newest.id))


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    looks = [given for given in sys.argv[1:] if given in LOOKS]
    names = [given for given in sys.argv[1:] if given not in LOOKS]
    if len(looks) != 1:  # a theme belongs to its application: a process for each
        for suffix in looks or LOOKS:
            subprocess.run([sys.executable, "-m", "tests.screenshots", suffix, *names], check=True)
        return
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    render(application, looks[0], names)


if __name__ == "__main__":
    main()
