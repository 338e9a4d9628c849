"""What the gallery says while it has no picture to show, and what one can do then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thau_desktop.images.trash import DAYS
from thau_desktop.translation import _, ngettext_
from ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from ui.gallery.page import GalleryPage
    from ui.gallery.wanted import Wanted


def empty_state(page: GalleryPage, wanted: Wanted) -> EmptyState:
    """The words for what is wanted and not there."""
    if wanted.narrowed:
        where = _("No deleted picture fits.") if wanted.trash else _("No picture fits.")
        if wanted.text:
            found = _("No description has all of the words “{words}”.").format(words=wanted.text)
            where = (
                found if not wanted.trash else _("{sentence} These are the deleted pictures.").format(sentence=found)
            )
        return EmptyState("magnifying-glass", _("Nothing found"), where, _("Clear all filters"), page.bar.clear)
    if wanted.trash:
        words = ngettext_(
            "A picture that you delete waits here for {n} day, in case you want it back.",
            "A picture that you delete waits here for {n} days, in case you want it back.",
            DAYS,
        )
        return EmptyState(
            "trash", _("The trash is empty"), words.format(n=DAYS), _("Back to the pictures"), page.leave_trash
        )
    sentence = _(
        "Describe one and THAU draws it, here or in a conversation. Pictures that you have already can be imported:"
        " drop the files or a folder here."
    )
    return EmptyState("image", _("No pictures yet"), sentence, _("Draw a picture"), page.draw)
