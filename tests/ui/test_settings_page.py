"""The settings page changes, resets, refuses, finds, and speaks both languages."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QSlider,
    QSpinBox,
    QTimeEdit,
)

from thau_desktop.app import Thau
from thau_desktop.settings import SettingsFile, groups
from thau_desktop.store.backup import backup_now, backups
from thau_desktop.takeout import export_everything
from ui.settings import export_card, labels
from ui.settings.delete_dialog import DeleteDialog
from ui.settings.fields import FieldRow, fold, highlighted
from ui.settings.group_page import cards_of
from ui.settings.page import SettingsPage
from ui.settings.privacy import PrivacyPage
from ui.theme import Theme
from ui.worker import workers


@pytest.fixture
def page(thau: Thau, theme: Theme, qtbot) -> SettingsPage:
    page = SettingsPage(thau, None)
    qtbot.addWidget(page)
    page.resize(1224, 800)
    page.show()
    return page


def row(page: SettingsPage, name: str) -> FieldRow:
    page.open_group(name)
    return page._row(*name.split("."))


def shown_rows(page: SettingsPage) -> list[str]:
    return [f"{r.group}.{r.key}" for group in labels.GROUPS for r in page._page(group).rows if r.isVisible()]


def test_every_setting_has_a_label_and_a_place() -> None:
    names = {f"{group}.{key}" for group, kind in groups().items() for key in kind.model_fields}
    placed = {f"{group}.{key}" for group in groups() for _heading, keys in cards_of(group) for key in keys}
    assert set(labels.FIELDS) == placed == names - labels.HIDDEN
    for table in (labels.CHOICES, labels.UNITS, labels.SLIDERS, labels.SPECIAL, labels.ALSO):
        assert set(table) <= names


def test_a_switch_changes_the_setting_and_its_way_back_appears(page: SettingsPage, thau: Thau, qtbot) -> None:
    speed = row(page, "chat.show_speed")
    assert not speed._back.isVisible()
    with qtbot.waitSignal(page.changed) as changed:
        speed.editor.findChild(QCheckBox).click()
    assert changed.args == ["chat", "show_speed"]
    assert SettingsFile(thau.paths.settings).load().chat.show_speed is False
    assert speed._back.isVisible()
    speed._back.click()
    assert thau.settings.chat.show_speed is True
    assert not speed._back.isVisible()
    assert speed.editor.findChild(QCheckBox).isChecked()


def test_a_choice_may_be_left_open_again(page: SettingsPage, thau: Thau) -> None:
    tray = row(page, "general.keep_in_tray")
    combo = tray.editor.findChild(QComboBox)
    assert combo.currentData() is None
    for value in (True, False, None):
        index = next(i for i in range(combo.count()) if combo.itemData(i) is value)
        combo.setCurrentIndex(index)
        combo.activated.emit(index)
        assert thau.settings.general.keep_in_tray is value
        assert combo.currentData() is value


def test_a_slider_is_saved_when_it_rests_and_a_number_when_it_is_finished(
    page: SettingsPage, thau: Thau, qtbot
) -> None:
    temperature = row(page, "chat.temperature")
    with qtbot.waitSignal(page.changed):
        temperature.editor.findChild(QSlider).setValue(20)
    assert thau.settings.chat.temperature == 1.0
    spin = temperature.editor.findChild(QAbstractSpinBox)
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, "0.35")
    assert thau.settings.chat.temperature == 1.0
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert thau.settings.chat.temperature == 0.35


def test_what_can_not_be_used_is_said_in_place_and_stays_to_be_mended(page: SettingsPage, thau: Thau) -> None:
    rate = row(page, "training.learning_rate")
    edit = rate.editor.findChild(QLineEdit)
    edit.setText("a lot")
    edit.editingFinished.emit()
    assert rate.problem.isVisible() and "number above 0" in rate.problem.text()
    assert edit.text() == "a lot" and edit.property("invalid")
    page._on_edited("training", "epochs_per_training", 5)
    assert rate.problem.isVisible(), "another change does not wipe it away"
    edit.setText("0,001")
    edit.editingFinished.emit()
    assert thau.settings.training.learning_rate == 0.001
    assert not rate.problem.isVisible()


def test_a_settings_file_that_can_not_be_written_is_said_in_place(page: SettingsPage, thau: Thau) -> None:
    speed = row(page, "chat.show_speed")
    thau.paths.settings.unlink(missing_ok=True)
    thau.paths.settings.mkdir()
    speed.editor.findChild(QCheckBox).click()
    assert "can't be saved" in speed.problem.text()


def test_a_whole_group_is_reset(page: SettingsPage, thau: Thau) -> None:
    thau.change("chat", "top_k", 7)
    thau.change("chat", "tools", "off")
    page.open_group("chat")
    chat = page._page("chat")
    assert chat._reset.isVisible()
    chat._reset.click()
    assert thau.settings.chat == groups()["chat"]()
    assert not chat._reset.isVisible()
    assert chat.rows[-2].editor.findChild(QSpinBox).value() == 40


def test_the_theme_changes_while_you_watch(page: SettingsPage, theme: Theme, thau: Thau) -> None:
    combo = row(page, "appearance.theme").editor.findChild(QComboBox)
    combo.activated.emit(combo.findData("dark"))
    assert theme.dark
    thau.change("appearance", "theme", "light")  # the command palette does it like this
    theme.apply(thau.settings)
    assert not theme.dark
    assert combo.currentData() == "light"


def test_a_change_of_language_builds_the_page_anew(page: SettingsPage, thau: Thau, monkeypatch) -> None:
    combo = row(page, "general.language").editor.findChild(QComboBox)
    old = page._page("general")
    combo.activated.emit(combo.findData("es"))
    assert page._page("general") is not old
    assert page._built_in == "es"
    assert page._row("general", "language").editor.findChild(QComboBox).currentData() == "es"


def test_a_search_finds_in_all_groups_and_marks_the_words(page: SettingsPage) -> None:
    page.focus_search()
    page._search.setText("TEMPERATURE")
    assert shown_rows(page) == ["chat.temperature"]
    assert "<span" in page._row("chat", "temperature")._name_label.text()
    page._search.setText("oscuro")
    assert shown_rows(page) == ["appearance.theme"]
    page._search.setText("backup restore")
    assert shown_rows(page) == [] and page._page("privacy").isVisible()
    page._search.setText("no such thing")
    assert page._nothing.isVisible()
    page._nothing.action.click()
    assert not page._nothing.isVisible()
    assert "<span" not in page._row("chat", "temperature")._name_label.text()
    assert set(shown_rows(page)) == {f"general.{key}" for key in ("language", "autostart", "keep_in_tray", "updates")}


def test_accents_and_case_do_not_matter_and_html_is_not_obeyed() -> None:
    assert fold("Imágenes Ñ") == "imagenes n"
    assert highlighted("¿Días <b>?", ["dias"], "x") == '¿<span style="x">Días</span> &lt;b&gt;?'


def test_one_setting_can_be_opened(page: SettingsPage, qtbot) -> None:
    page.resize(1224, 400)
    page.open_group("chat.max_new_tokens")
    last = page._row("chat", "max_new_tokens")
    qtbot.waitUntil(lambda: not last.visibleRegion().isEmpty())


def test_the_wheel_scrolls_the_page_and_changes_nothing(page: SettingsPage, thau: Thau) -> None:
    spin = row(page, "chat.top_k").editor.findChild(QSpinBox)
    spin.setFocus()
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(spin, wheel)
    assert spin.value() == 40


def test_every_control_has_a_name_and_is_reached_by_tab(page: SettingsPage) -> None:
    for group in labels.GROUPS:
        page.open_group(group)
        for kind in (QAbstractButton, QComboBox, QAbstractSpinBox, QSlider, QTimeEdit):
            for control in page._page(group).findChildren(kind):
                if not control.isVisible() or control.objectName().startswith("qt_"):
                    continue
                text = control.text() if isinstance(control, QAbstractButton) else ""
                assert control.accessibleName() or text, f"{group}: {control}"
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, f"{group}: {control}"
    page.open_group("chat")
    persona, tools = (page._row("chat", key).editor.control for key in ("persona", "tools"))
    persona.setFocus()
    page.focusNextChild()
    assert QApplication.focusWidget() is tools


def test_privacy_says_where_things_are_and_how_much(page: SettingsPage, thau: Thau, qtbot) -> None:
    page.open_group("privacy")
    privacy = page._page("privacy")
    assert isinstance(privacy, PrivacyPage)
    qtbot.waitUntil(lambda: privacy.storage.measured("logs") is not None)
    found = privacy.storage.measured("conversations")
    assert found is not None and found.size > 0


def test_everything_is_exported_beside_the_window(page: SettingsPage, tmp_path: Path, qtbot) -> None:
    page.open_group("privacy")
    card = page._page("privacy").export  # type: ignore[attr-defined]
    card.start(tmp_path / "all.zip")
    qtbot.waitUntil(lambda: card.finished is not None and card._go.isEnabled())
    assert zipfile.is_zipfile(tmp_path / "all.zip")
    assert str(tmp_path / "all.zip") in card._said.text()
    (tmp_path / "file").touch()
    card.start(tmp_path / "file" / "all.zip")
    qtbot.waitUntil(card._go.isEnabled)
    assert "can't be written" in card._said.text()


def test_a_stopped_export_says_that_nothing_was_written(
    page: SettingsPage, tmp_path: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*arguments: Any) -> Iterator[object]:
        events = export_everything(*arguments)
        yield next(events)
        assert arguments[-1].wait(60)
        yield from events

    monkeypatch.setattr(export_card, "export_everything", slow)
    page.open_group("privacy")
    card = page._page("privacy").export  # type: ignore[attr-defined]
    card.start(tmp_path / "all.zip")
    card._stop.click()
    qtbot.waitUntil(card._go.isEnabled)
    assert card.finished is None and "stopped" in card._said.text()
    assert list(tmp_path.iterdir()) == []


def test_backups_are_listed_and_one_more_is_made(page: SettingsPage, thau: Thau, qtbot) -> None:
    page.open_group("privacy")
    card = page._page("privacy").backups  # type: ignore[attr-defined]
    card._now.click()

    def listed() -> bool:
        return card._list is not None and "manual" in " ".join(p.stem for p in thau.paths.backups.glob("*.db"))

    qtbot.waitUntil(lambda: listed() and card._now.isEnabled())


def test_a_restored_backup_brings_the_old_conversations_back_and_quits(
    page: SettingsPage, thau: Thau, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(QApplication, "exit", lambda status=0: ended.append(status))
    thau.conversations.create("Kept")
    backup_now(thau.database.path, thau.paths.backups)
    thau.conversations.create("Later")
    page.open_group("privacy")
    privacy = page._page("privacy")
    chosen = next(backup for backup in backups(thau.paths.backups) if backup.kind == "manual")
    privacy.go_back_to(chosen)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(ended))
    assert [conversation.title for conversation in thau.conversations.list()] == ["Kept"]


def test_deleting_asks_for_the_word(thau: Thau, theme: Theme, qtbot) -> None:
    dialog = DeleteDialog(thau.paths, {})
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog._delete.isEnabled()
    dialog.accept()
    assert dialog.isVisible(), "Enter alone deletes nothing"
    dialog.typed.setText(f" {dialog.word} ")
    assert dialog._delete.isEnabled()
    dialog.keep_models.setChecked(True)
    dialog._delete.click()
    assert dialog.result() == DeleteDialog.DialogCode.Accepted
    assert dialog.kept == ("models",)


def test_deleting_everything_closes_deletes_and_quits(
    page: SettingsPage, thau: Thau, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(QApplication, "exit", lambda status=0: ended.append(status))
    page.open_group("privacy")
    page._page("privacy")._delete(())  # type: ignore[attr-defined]
    assert ended == [0]
    assert not workers().running
    assert not thau.paths.home.exists()


def test_about_lists_the_licences_and_copies_the_version(page: SettingsPage, qtbot) -> None:
    page.open_group("about")
    about = page._page("about")
    about._copy.click()  # type: ignore[attr-defined]
    assert QApplication.clipboard().text().startswith("THAU Desktop ")
    before = about.height()
    about.licences._show.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: about.height() > before + 500)


def test_pages_are_made_ahead_so_that_a_search_is_quick(page: SettingsPage, qtbot) -> None:
    qtbot.waitUntil(lambda: not page._ahead.isActive())
    assert list(labels.GROUPS) == sorted(page._pages, key=list(labels.GROUPS).index)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
