"""Who answers, to edit: the list of personas, and the words and numbers of one. Changes count when they are saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.errors import ThauError
from thau_desktop.paths import atomic_write
from thau_desktop.store.personas import Persona, Personas
from thau_desktop.translation import _
from ui.chat.note import Note
from ui.chat.persona_form import PersonaForm
from ui.theme import icon
from ui.widgets.buttons import button, icon_button


class PersonaDialog(QDialog):
    """Edits what `Personas` holds.

    Attributes: `list`, the names at the left; `form`, the fields; `shown`, the persona in them, unsaved when its
    name is "".
    """

    def __init__(self, personas: Personas, current: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._personas = personas
        self.shown: Persona | None = None
        self.setWindowTitle(_("Personas"))
        screen = (parent or self).screen().availableSize()
        self.resize(QSize(820, 600).boundedTo(screen - QSize(40, 60)))
        self.list = QListWidget()
        self.list.setProperty("bare", True)
        self.list.setAccessibleName(_("Personas"))
        self.list.setFixedWidth(200)
        self.form = PersonaForm()
        self.note = Note()
        self._build()
        self.list.currentItemChanged.connect(self._on_current)
        self.form.changed.connect(self._refresh_buttons)
        self._fill(current)

    def _build(self) -> None:
        new = icon_button("plus", _("New persona"), self.begin_new)
        more = icon_button("dots-three-vertical", _("More"))
        more.setPopupMode(more.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.addAction(icon("copy"), _("Duplicate"), self.duplicate)
        menu.addAction(icon("download-simple"), _("Import…"), self._choose_import)
        menu.addAction(icon("export"), _("Export…"), self._choose_export)
        more.setMenu(menu)
        left_foot = QHBoxLayout()
        left_foot.addWidget(new)
        left_foot.addWidget(more)
        left_foot.addStretch(1)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addLayout(left_foot)
        self._delete = button(_("Delete"), self.delete, kind="danger")
        self._reset = button(_("Reset to the original"), self.reset)
        self._save = button(_("Save"), self.save, kind="accent")
        self._save.setDefault(False)
        self._close = button(_("Close"), self.close)
        foot = QHBoxLayout()
        foot.addWidget(self._delete)
        foot.addWidget(self._reset)
        foot.addStretch(1)
        foot.addWidget(self._close)
        foot.addWidget(self._save)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.form, 1)
        right.addWidget(self.note)
        right.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(20)
        row.addLayout(left)
        row.addLayout(right, 1)

    # --- what a person does -------------------------------------------------------------------------------

    @Slot()
    def save(self) -> bool:
        """Keep the fields; says in place what can't be kept and returns False then."""
        if self.shown is None:
            return False
        wanted = self.form.persona(self.shown)
        try:
            if wanted.name:
                saved = self._personas.save(wanted)
            else:
                saved = self._personas.create(
                    wanted.title,
                    wanted.system_prompt,
                    description=wanted.description,
                    temperature=wanted.temperature,
                    top_p=wanted.top_p,
                    top_k=wanted.top_k,
                    max_new_tokens=wanted.max_new_tokens,
                )
        except ThauError as error:
            self.note.say(str(error))
            return False
        self.note.clear()
        self._fill(saved.name)
        return True

    @Slot()
    def begin_new(self) -> None:
        """Begin a new persona; it is kept when it is saved."""
        if self._leave():
            prompt = _("You are THAU, a private assistant. Answer in the language of the person you talk to.")
            self._begin(Persona("", _("New persona"), prompt))

    @Slot()
    def duplicate(self) -> None:
        """Begin a new persona with the words of this one."""
        if self.shown is not None and self._leave():
            title = _("{title} (copy)").format(title=self.shown.title)
            self._begin(replace(self.form.persona(self.shown), name="", title=title, builtin=False, edited=False))

    @Slot()
    def delete(self) -> None:
        """Remove a person's own persona; the note offers to bring it back."""
        gone = self.shown
        if gone is None:
            return
        self.shown = None
        if gone.name:
            self._try(lambda: self._personas.delete(gone.name))
        self._fill("")
        if gone.name:

            def restore() -> None:
                self._try(lambda: self._personas.save(gone))
                self._fill(gone.name)

            self.note.say(_("“{title}” was deleted.").format(title=gone.title), _("Undo"), restore)

    @Slot()
    def reset(self) -> None:
        """Give a built-in persona its original words back; the note offers to undo it."""
        changed = self.shown
        if changed is None:
            return
        self.shown = None
        self._try(lambda: self._personas.reset(changed.name))
        self._fill(changed.name)

        def restore() -> None:
            self._try(lambda: self._personas.save(changed))
            self._fill(changed.name)

        self.note.say(_("“{title}” is as it was made.").format(title=changed.title), _("Undo"), restore)

    def import_file(self, path: Path) -> None:
        """Take in a persona that was exported; says in place when it can't."""
        try:
            imported = self._personas.import_(path.read_text(encoding="utf-8-sig", errors="replace"))
        except ThauError as error:
            self.note.say(str(error))
        except OSError as error:
            self.note.say(_("“{name}” can't be read: {reason}.").format(name=path.name, reason=error.strerror or error))
        else:
            self.shown = None
            self._fill(imported.name)

    def export_file(self, path: Path) -> None:
        """Write the persona shown, as it was last saved."""
        if self.shown is None or not self.shown.name:
            return
        name = self.shown.name
        self._try(lambda: atomic_write(path, self._personas.export(name).encode()))

    # --- inside -------------------------------------------------------------------------------------------

    def _fill(self, current: str) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        chosen = 0
        for number, persona in enumerate(self._personas.list()):
            item = QListWidgetItem(persona.title)
            item.setData(Qt.ItemDataRole.UserRole, persona)
            item.setToolTip(persona.description)
            self.list.addItem(item)
            if persona.name == current:
                chosen = number
        self.list.setCurrentRow(chosen)
        self.list.blockSignals(False)
        self._show(self.list.currentItem().data(Qt.ItemDataRole.UserRole))

    def _begin(self, persona: Persona) -> None:
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1)
        self.list.blockSignals(False)
        self._show(persona)
        self.form.focus_title()

    def _show(self, persona: Persona) -> None:
        self.shown = persona
        self.form.show_persona(persona)
        self._refresh_buttons()

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_current(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is None:
            return
        persona = item.data(Qt.ItemDataRole.UserRole)
        if self._leave():
            self.note.clear()
            self._fill(persona.name)

    def _leave(self) -> bool:
        """Save what was changed before something else is shown; False where it can't be saved."""
        if self.shown is None or not self.form.differs(self.shown):
            return True
        return self.save()

    @Slot()
    def _refresh_buttons(self) -> None:
        shown = self.shown
        self._save.setEnabled(shown is not None and (not shown.name or self.form.differs(shown)))
        self._reset.setVisible(shown is not None and shown.edited)
        self._delete.setVisible(shown is not None and not shown.builtin)

    def _try(self, act: object) -> None:
        assert callable(act)
        try:
            act()
        except ThauError as error:
            self.note.say(str(error))
        except OSError as error:
            self.note.say(_("It can't be written: {reason}.").format(reason=error.strerror or error))

    @Slot()
    def _choose_import(self) -> None:
        if not self._leave():
            return
        path, _filter = QFileDialog.getOpenFileName(self, _("Import a persona"), "", _("Personas (*.json)"))
        if path:
            self.import_file(Path(path))

    @Slot()
    def _choose_export(self) -> None:
        if self.shown is None or not self._leave():
            return
        name = f"{self.shown.name or 'persona'}.json"
        path, _filter = QFileDialog.getSaveFileName(self, _("Export this persona"), name, _("Personas (*.json)"))
        if path:
            self.export_file(Path(path))

    def closeEvent(self, event: QCloseEvent) -> None:
        # A new persona that nobody touched is not worth keeping; changes to another one are.
        if self.shown is not None and self.shown.name and not self._leave():
            event.ignore()
            return
        super().closeEvent(event)

    def reject(self) -> None:
        self.close()
