"""A walk through every page, sheet and dialog of the window, for the tests that look at all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.gallery_pictures import STARTER, TURBO, Easel, keep
from thau_desktop.app import Thau
from thau_desktop.errors import Action, ModelMissing
from thau_desktop.messages import Attachment, Reasoning, Text, ToolCall, ToolResult
from ui.chat.links import LinkDialog
from ui.chat.page import ChatPage
from ui.chat.permission import Question
from ui.chat.persona_dialog import PersonaDialog
from ui.chat.reasoning import FoldButton
from ui.chat.style import Style
from ui.chat.tool_card import ToolCard
from ui.closing import CloseDialog
from ui.crash import CrashDialog
from ui.gallery.page import GalleryPage
from ui.main_window import MainWindow
from ui.models.add_dialog import AddDialog
from ui.models.concepts import ConceptsDialog
from ui.models.page import ModelsPage
from ui.models.token_dialog import TokenDialog
from ui.settings import labels
from ui.settings.delete_dialog import DeleteDialog
from ui.settings.page import SettingsPage
from ui.shortcuts import KeysDialog
from ui.widgets.ask import Ask
from ui.widgets.overlay import Overlay

ANSWER = """Three ways:

```python
print("THAU"[::-1])
```

| Way | Time |
|---|---:|
| `[::-1]` | 0.2 µs |

More in [the manual](https://docs.example.org/) and [the tutorial](https://example.org/)."""

Place = tuple[str, QWidget]


def converse(thau: Thau) -> int:
    """A conversation that has one of everything; returns its id."""
    store = thau.conversations
    number = store.create("A fox in the snow").id
    store.add_message(number, "user", (Text("Draw a fox"),))
    call = ToolCall("1", "generate_image", {"prompt": "a red fox"})
    result = ToolResult("1", "generate_image", "This version can't draw.", error=True)
    store.add_message(number, "assistant", (Reasoning("Hm.", 2.0), Text("Here it is:"), call, result), rating=1)
    asked = store.add_message(number, "user", (Attachment("notes.txt", "words"), Text("Turn a text around")))
    for speed in (30.0, 20.0):
        store.add_message(number, "assistant", (Text(ANSWER),), parent_id=asked.id, tokens_per_second=speed)
    first = store.add_message(number, "user", (Text("Who won?"),))
    store.add_message(number, "assistant", (Text("I"),), state="stopped")
    store.add_message(number, "user", (Text("Who won in 1998?"),), parent_id=first.parent_id)
    store.add_message(number, "assistant", (), state="error", error="The model does not fit in memory.")
    return number


def places(qtbot: QtBot, window: MainWindow, thau: Thau) -> Iterator[Place]:
    """Every place by name, open and active while it is looked at."""
    yield from _chat(qtbot, window, converse(thau))
    yield from _gallery(qtbot, window, thau)
    window.show_page("training")
    QApplication.processEvents()
    yield "training", window
    yield from _models(qtbot, window)
    yield from _settings(qtbot, window)
    yield from _sheets(window)
    yield from _dialogs(qtbot, window, thau)


def _chat(qtbot: QtBot, window: MainWindow, number: int) -> Iterator[Place]:
    page = window.show_page("chat")
    assert isinstance(page, ChatPage)
    yield "welcome", window
    page.open_conversation(number)
    qtbot.waitUntil(lambda: page.list.model.index_of(number).isValid())
    for fold in page.transcript.findChildren(FoldButton):
        fold.click()
    for card in page.transcript.findChildren(ToolCard):
        card._more.click()
    page.composer.attach_files([])
    page.composer._set_attachments([Attachment("notes.txt", "words")])
    page.composer.set_streaming(True)
    page.foot.show_question(Question(number, ToolCall("2", "web_search", {"query": "1998"})))
    page.foot.problem.say("The model is gone.", "Open models", lambda: None)
    page.foot.queue.say("One message waits.", "Take back", lambda: None)
    banner = window.show_error(ModelMissing("Gone.", "Choose.", action=Action("open_models", "Open models")))
    window.toast("Deleted", "Undo", lambda: None)
    QApplication.processEvents()
    yield "chat", window
    banner.deleteLater()
    window.find_here()
    QApplication.processEvents()
    yield "finding", window
    page.find_bar.close_bar()
    page.transcript.edit_message(page.transcript.loaded[0])
    QApplication.processEvents()
    yield "editing", window
    page.transcript.messages[0].close_editor()
    page.composer.set_streaming(False)
    page.foot.show_question(None)


def _gallery(qtbot: QtBot, window: MainWindow, thau: Thau) -> Iterator[Place]:
    Easel(thau, STARTER, TURBO)
    page = window.show_page("gallery")
    assert isinstance(page, GalleryPage)
    qtbot.waitUntil(lambda: page.empty is not None and page.panel is not None and page.panel.model is not None)
    yield "gallery: empty", window
    ids = [keep(thau, f"a red fox, number {seed}", seed=seed).id for seed in range(5)]
    ids.append(keep(thau, "a red fox at night", parent_id=ids[0]).id)
    thau.gallery.delete(ids[:1])
    page.refresh()
    qtbot.waitUntil(lambda: len(page.model.ids) == len(ids) - 1)
    page.grid.select_ids(ids[2:4])
    QApplication.processEvents()
    yield "gallery", window
    page.grid.clearSelection()
    yield from _panel(page, window, str(thau.gallery.path(thau.pictures.get(ids[1]))))
    page.bar.want(trash=True)
    qtbot.waitUntil(lambda: len(page.model.ids) == 1)
    page.grid.select_ids(ids[:1])
    QApplication.processEvents()
    yield "gallery: trash", window
    page.leave_trash()
    qtbot.waitUntil(lambda: len(page.model.ids) == len(ids) - 1)
    page.open_picture(ids[-1])
    viewer = page.viewer
    assert viewer is not None
    qtbot.waitUntil(lambda: viewer.canvas.has_picture)
    yield "viewer", viewer
    page.compare(*ids[1:3])
    qtbot.waitUntil(lambda: all(side.canvas.has_picture for side in viewer.comparison.sides))
    yield "comparison", viewer
    viewer.comparison.toggle_wipe()
    QApplication.processEvents()
    yield "comparison: one over the other", viewer
    viewer.close_viewer()


def _panel(page: GalleryPage, window: MainWindow, begun: str) -> Iterator[Place]:
    panel = page.panel
    assert panel is not None
    before = panel.values
    panel.show_values(replace(before, prompt="a lighthouse", source=begun, loras=(("ink.safetensors", 0.5),)))
    panel.fold.open()
    QApplication.processEvents()
    yield "gallery: More", panel
    panel.fold.open(False)
    panel.show_values(before)


def _models(qtbot: QtBot, window: MainWindow) -> Iterator[Place]:
    page = window.show_page("models")
    assert isinstance(page, ModelsPage)
    qtbot.waitUntil(lambda: bool(page.shelf.offers and page.shelf.rows))
    yield "models", window
    page.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page.benchmark.model.count() > 0)
    yield "models: benchmark", window
    page.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: page.tokens.idle and bool(page.tokens.results))
    yield "models: tokens", window
    page.tabs.setCurrentIndex(0)


def _settings(qtbot: QtBot, window: MainWindow) -> Iterator[Place]:
    page = window.show_page("settings")
    assert isinstance(page, SettingsPage)
    for group in labels.GROUPS:
        page.open_group(group)
        QApplication.processEvents()
        yield f"settings: {group}", window


def _sheets(window: MainWindow) -> Iterator[Place]:
    window.show_page("chat")
    open_: list[tuple[str, Callable[[], object]]] = [("palette", window.open_palette)]
    open_.append(("status", window.rail.status.open))
    for name, show in open_:
        show()
        QApplication.processEvents()
        (sheet,) = [one for one in window.findChildren(Overlay) if one.isVisible()]
        yield name, sheet
        sheet.close()


def _dialogs(qtbot: QtBot, window: MainWindow, thau: Thau) -> Iterator[Place]:
    made: list[QDialog] = [
        PersonaDialog(thau.personas, "", window),
        DeleteDialog(thau.paths, {}, window),
        CloseDialog(["Answering"], window),
        CrashDialog("Traceback", thau.paths.logs, window),
        LinkDialog(Style(window.theme), "https://example.org/", window),
        KeysDialog(window),
        AddDialog(window),
        TokenDialog(thau.keys, "lab/model", window),
        ConceptsDialog(window),
        Ask(
            window, "Restore", "Go back?", "It stays.", choices=(("Cancel", ""), ("Restore", "accent")), details="a\nb"
        ),
    ]
    for dialog in made:
        dialog.show()
        with qtbot.waitActive(dialog):
            dialog.activateWindow()
        qtbot.waitUntil(lambda shown=dialog: _has_keyboard(shown))
        yield type(dialog).__name__, dialog
        dialog.close()
        dialog.deleteLater()
    with qtbot.waitActive(window):
        window.activateWindow()


def _has_keyboard(root: QWidget) -> bool:
    here = QApplication.focusWidget()
    return here is not None and root.isAncestorOf(here)


def beside(widget: QWidget) -> QPoint:
    """Where a widget is in its window."""
    return widget.mapTo(widget.window(), QPoint(0, 0))
