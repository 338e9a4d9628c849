"""What happens at start when the database is damaged: it is kept, and the latest good backup takes its place."""

from __future__ import annotations

import logging
import os
import shutil
from datetime import datetime
from pathlib import Path

from thau_desktop.store import backup
from thau_desktop.translation import _

log = logging.getLogger(__name__)

# Checking reads every page. Above this size it is left to the daily backup, unless the last run ended badly.
ALWAYS_CHECKED = 64 << 20  # bytes


def recover(path: Path, backups: Path) -> list[str]:
    """Check the database at `path` and mend what can be; returns sentences about what happened.

    Raises `OSError` or `sqlite3.Error` where the files can't be read or moved.
    """
    restoring = path.with_name(f"{path.name}.restoring")
    if not path.exists():
        if restoring.exists():  # an earlier recovery was interrupted just before its last step
            restoring.replace(path)
        return []
    reason = _damage(path, backups)
    if not reason:
        return []
    log.error("%s is damaged: %s", path, reason)
    good = backup.newest_good(backups)
    if good:
        shutil.copyfile(good.path, restoring)
        with restoring.open("rb+") as file:
            os.fsync(file.fileno())
    else:
        restoring.unlink(missing_ok=True)
    aside = _set_aside(path)
    if not good:
        sentence = _("The database was damaged and there was no backup, so THAU starts empty. It is kept as {aside}.")
        return [sentence.format(aside=aside)]
    restoring.replace(path)
    sentence = _(
        "The database was damaged. THAU went back to the backup of {date}; the damaged file is kept as {aside}."
    )
    return [sentence.format(date=f"{good.made:%Y-%m-%d %H:%M}", aside=aside)]


def _damage(path: Path, backups: Path) -> str:
    size = path.stat().st_size
    wal = path.with_name(f"{path.name}-wal")
    if size == 0 and not (wal.exists() and wal.stat().st_size):
        # SQLite takes an empty file for a new database; with backups there was an old one.
        return "the file is empty" if backup.newest_good(backups) else ""
    return backup.damage(path) if size <= ALWAYS_CHECKED or wal.exists() else ""


def _set_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{datetime.now():%Y%m%d-%H%M%S}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{datetime.now():%Y%m%d-%H%M%S}-{number}")
    for suffix in ("-wal", "-shm", ""):  # the database last: until then the next start finds it damaged again
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside
