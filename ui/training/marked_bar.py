"""What can be done with the examples that are marked, and what was found about one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from thau_desktop.store.examples import Example
from thau_desktop.training.findings import flags_in_words
from thau_desktop.translation import _, ngettext_
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import label
from ui.words import grouped

_LONGEST = 200  # characters of another answer that are shown


class MarkedBar(QWidget):
    """Hidden while nothing is marked. Attributes: `note`, the words; `allow`, the button that ends a review; `edit`."""

    def __init__(
        self,
        allow: Callable[[], object],
        edit: Callable[[], object],
        others: Sequence[tuple[str, str, Callable[[], object]]],
    ) -> None:
        """`others` are what else can be done: an icon, a name, and how."""
        super().__init__()
        self.note = label("", "small", wrap=True)
        self.allow = button(_("Allow to be learned"), allow, icon_name="check")
        self.edit = icon_button("pencil-simple", _("Edit…"), edit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.note, 1)
        row.addSpacing(8)
        row.addWidget(self.allow)
        row.addWidget(self.edit)
        for name, words, do in others:
            row.addWidget(icon_button(name, words, do))
        self.hide()

    def show_marked(self, many: int, marked: Sequence[Example], other_answers: Sequence[str] = ()) -> None:
        """`many` are marked; `marked` are the first of them, `other_answers` what others answer to a single one."""
        self.setVisible(many > 0)
        if not many:
            return
        told = ngettext_("{n} marked", "{n} marked", many).format(n=grouped(many))
        self.note.setText(_found(marked[0], other_answers) or told if many == 1 and marked else told)
        waits = any(one.review and one.state == "pending" for one in marked)
        self.allow.setVisible(waits or any(one.state not in ("pending", "trained") for one in marked))
        self.edit.setVisible(many == 1)


def _found(example: Example, other_answers: Sequence[str]) -> str:
    """Why an example waits for a person, or was left out; what else is answered to the same."""
    told = []
    if example.review and example.state == "pending":
        waits = [flag for flag in example.flags if flag not in ("contradiction", "near_duplicate")]
        told.append(_("Look at it before it is learned: {reasons}.").format(reasons=flags_in_words(waits)))
    told += [example.reason] if example.reason else []
    for answer in other_answers[:1]:
        short = answer if len(answer) <= _LONGEST else f"{answer[:_LONGEST]}…"
        told.append(_("Another example answers: “{answer}”").format(answer=" ".join(short.split())))
    return " ".join(told)
