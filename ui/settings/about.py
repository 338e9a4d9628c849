"""About: this version, this machine as `thau doctor` sees it, the starter model, and the licences of others."""

from __future__ import annotations

import platform
import sys
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop import __version__
from thau_desktop.licences import Package, packages
from thau_desktop.translation import _
from ui.logo import Logo
from ui.settings.doctor_card import DoctorCard
from ui.settings.group_page import GroupPage, Part, action_row, open_folder
from ui.settings.model_card import ModelCard
from ui.widgets.buttons import button
from ui.widgets.card import line
from ui.widgets.labels import label
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau


class AboutPage(GroupPage):
    """Nothing to set. Attributes: `doctor`, `licences`, the cards."""

    def __init__(self, thau: Thau) -> None:
        super().__init__("about", {})
        self._thau = thau
        self.doctor = DoctorCard(thau.paths)
        self.licences = LicencesCard()
        for part in (self._version(), self._folders(), self.doctor, ModelCard(), self.licences):
            self.add(part)

    def _version(self) -> Part:
        part = Part("", "version python qt thau")
        self._facts = (
            f"THAU Desktop {__version__} · Python {sys.version.split()[0]} · Qt {qVersion()} · "
            f"{platform.platform(terse=True)}"
        )
        row = QHBoxLayout()
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(16)
        row.addWidget(Logo(44))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(f"THAU Desktop {__version__}", "heading", select=True))
        words.addWidget(label(_("A private assistant that lives on this computer and learns from you."), wrap=True))
        words.addWidget(label(self._facts.partition(" · ")[2], "small", wrap=True))
        row.addLayout(words, 1)
        self._copy = button(_("Copy"), self._on_copy, icon_name="copy")
        self._copy.setAccessibleName(_("Copy the version and the system"))
        row.addWidget(self._copy)
        part.inside.addLayout(row)
        return part

    def _folders(self) -> Part:
        paths = self._thau.paths
        part = Part(_("Folders"), _("open folder data models logs"))
        for number, (name, path) in enumerate(
            ((_("Data"), paths.home), (_("Models"), paths.models), (_("Logs"), paths.logs))
        ):
            if number:
                part.inside.addWidget(line())
            opener = button(_("Open"), partial(open_folder, path), icon_name="folder-open")
            opener.setAccessibleName(_("Open the folder of {name}").format(name=name))
            part.inside.addWidget(action_row(name, str(path), opener))
        return part

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._facts)
        self._copy.setText(_("Copied"))


class LicencesCard(Part):
    """The packages of others, read when somebody wants to see them."""

    def __init__(self) -> None:
        super().__init__(_("Licences"), _("open source packages licence MIT LGPL"))
        self._show = button(_("Show"), self._on_show)
        sentence = _("THAU is free software under the MIT licence, and made of the work of many others.")
        self.inside.addWidget(action_row(_("Packages inside"), sentence, self._show))

    def _on_show(self) -> None:
        self._show.setEnabled(False)
        run_in_background(self, packages, self._on_read)

    @Slot(object)
    def _on_read(self, found: list[Package]) -> None:
        self._show.hide()
        for package in found:
            self.inside.addWidget(line())
            self.inside.addWidget(_package_row(package))
        if not found:
            self.inside.addWidget(label(_("This installation carries no records of its packages."), "dim"))


def _package_row(package: Package) -> QWidget:
    row = QWidget()
    across = QHBoxLayout(row)
    across.setContentsMargins(16, 6, 16, 6)
    across.setSpacing(12)
    name = label(f"{package.name} {package.version}", select=True)
    name.setToolTip(package.summary)
    across.addWidget(name, 2)
    across.addWidget(label(package.licence, "small", wrap=True), 3)
    return row
