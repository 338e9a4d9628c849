"""The gallery: rows of the store and files of the folder as one thing, whichever way pictures come and go.

A picture is first a whole file and then a row. Whatever a kill leaves between the two is put right by `tidy`, at the
next start: a file without a row is adopted from what it says about itself.
"""

from __future__ import annotations

import contextlib
import filecmp
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from thau_desktop.errors import ThauError
from thau_desktop.images import files, metadata, thumbnails, trash
from thau_desktop.images.metadata import Facts, PictureUnreadable
from thau_desktop.paths import sync_folder
from thau_desktop.store.pictures import Picture, PictureFilter, Pictures
from thau_desktop.translation import _

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PictureImported:
    """File `number` (from 1) of `of` was copied into the gallery as picture `id`."""

    number: int
    of: int
    path: Path
    id: int


@dataclass(frozen=True, slots=True)
class PictureRefused:
    """File `number` of `of` was left where it is: `reason` is a sentence."""

    number: int
    of: int
    path: Path
    reason: str
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class ImportFinished:
    """The end of an import: the new pictures, how many were there already, and how many files were refused."""

    ids: tuple[int, ...]
    duplicates: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class PictureExported:
    """Picture `id`, number `number` (from 1) of `of`, was copied to `path`."""

    number: int
    of: int
    id: int
    path: Path


@dataclass(frozen=True, slots=True)
class ExportFinished:
    """The end of an export: how many were copied; `skipped` are ids whose file is gone or can't be read."""

    copied: int
    skipped: tuple[int, ...] = ()


class Gallery:
    """Pictures with their files. Attributes: `pictures`, the rows; `folder`, where the files lie."""

    def __init__(self, pictures: Pictures, folder: Path) -> None:
        self.pictures = pictures
        self.folder = folder

    # --- where things lie -------------------------------------------------------------------------------------

    def path(self, picture: Picture) -> Path:
        """Where the picture's file lies: in the folder, or in its trash. It may be gone."""
        there = self.folder / picture.file
        if picture.deleted_at is not None and not there.exists():
            return trash.path_of(self.folder, picture.file)
        return there

    def thumbnail_path(self, picture_id: int) -> Path:
        """Where the thumbnail lies if it was made; the disk is not asked."""
        return thumbnails.path_of(self.folder, picture_id)

    def thumbnail(self, picture: Picture) -> Path:
        """The thumbnail (JPEG, longest side 256), made anew where it is missing. Slow: not for the window's thread.

        Raises `PictureUnreadable` where the file is gone or can't be read, `DiskFull` or `StoreError` where the
        thumbnail can't be written.
        """
        target = self.thumbnail_path(picture.id)
        if target.exists():
            return target
        try:
            return thumbnails.make(self.path(picture), target)
        except OSError as error:
            raise files.not_written(target.parent, error) from error

    def facts(self, image_id: str) -> dict[str, Any]:
        """What a face shows of a picture in a conversation; `deleted` says that it is in the trash or gone for good."""
        picture = self.pictures.find(int(image_id)) if image_id.isdecimal() else None
        if picture is None:
            return {"id": image_id, "path": "", "prompt": "", "deleted": True}
        path = self.path(picture)
        return {
            "id": image_id,
            "path": str(path),
            "prompt": picture.prompt,
            "negative_prompt": picture.negative_prompt,
            "model": picture.model,
            "width": picture.width,
            "height": picture.height,
            "steps": picture.steps,
            "guidance": picture.guidance,
            "seed": picture.seed,
            "scheduler": picture.scheduler,
            "seconds": picture.seconds,
            "created_at": picture.created_at,
            "deleted": picture.deleted_at is not None,
        }

    # --- coming -----------------------------------------------------------------------------------------------

    def keep_drawn(self, pixels: bytes, parameters: Mapping[str, Any], **columns: Any) -> Picture:
        """A drawn picture as a file with its parameters, a row and a thumbnail. `pixels` are RGB, 8 bits each.

        Raises `DiskFull` or `StoreError`. Where only the row can't be written, the file stays and is adopted later.
        """
        width, height = parameters["width"], parameters["height"]
        data = files.encode(pixels, width, height, parameters)
        picture = self._keep(
            lambda file: file.write(data),
            files.names(str(parameters["prompt"]), datetime.fromisoformat(parameters["created"])),
            **{**metadata.columns(Facts(width, height, parameters["created"], dict(parameters))), **columns},
        )
        try:
            thumbnails.of_pixels(pixels, width, height, self.thumbnail_path(picture.id))
        except OSError as problem:  # it is made again when it is looked at
            _logger.warning("no thumbnail of %s: %s", picture.file, problem)
        return picture

    def import_files(
        self, paths: Iterable[Path], cancel: threading.Event
    ) -> Iterator[PictureImported | PictureRefused | ImportFinished]:
        """Copy picture files, and those in folders, into the gallery.

        Their parameters are read where they carry ours or A1111's. A file that is no picture, or is in the gallery
        already, is refused with its reason. Raises `DiskFull` or `StoreError`.
        """
        found = [file for path in paths for file in _expanded(path)]
        ids: list[int] = []
        refused = duplicates = 0
        for number, path in enumerate(found, 1):
            if cancel.is_set():
                break
            try:
                imported = self._import(path)
            except PictureUnreadable as problem:
                refused += 1
                yield PictureRefused(number, len(found), path, str(problem))
                continue
            if isinstance(imported, str):
                duplicates += 1
                sentence = _("{name} is in the gallery already, as {file}.").format(name=path.name, file=imported)
                yield PictureRefused(number, len(found), path, sentence, duplicate=True)
                continue
            ids.append(imported.id)
            yield PictureImported(number, len(found), path, imported.id)
        yield ImportFinished(tuple(ids), duplicates, refused)

    def adopt(self, cancel: threading.Event | None = None) -> int:
        """Give a row to every picture file that has none, from what it says about itself; returns how many.

        A file that can't be read stays as it is and is told in the log.
        """
        adopted = 0
        for name in files.pictures_in(self.folder, known=self.pictures.files()):
            if cancel is not None and cancel.is_set():
                break
            path = self.folder / name
            try:
                facts = metadata.read(path)
                size = path.stat().st_size
            except (PictureUnreadable, OSError) as problem:
                _logger.warning("%s is not adopted: %s", name, problem)
                continue
            with self.pictures.database.transaction():  # its writer may be about to add the row
                if self.pictures.by_file(name) is None and path.exists():
                    self.pictures.add(file=name, bytes=size, **{**metadata.columns(facts), "source": _source(facts)})
                    adopted += 1
        return adopted

    # --- going ------------------------------------------------------------------------------------------------

    def delete(self, ids: Sequence[int]) -> int:
        """Move pictures to the trash; returns how many were not in it. Raises `StoreError` or `DiskFull`.

        A file that can't be moved stays where it is, and is moved at the next start.
        """
        going = [picture for picture in self.pictures.rows(ids) if picture.deleted_at is None]
        many = self.pictures.delete([picture.id for picture in going])
        for picture in going:
            self._moved(trash.throw, picture.file)
        return many

    def restore(self, ids: Sequence[int]) -> int:
        """Bring pictures back from the trash; returns how many. Raises `StoreError` or `DiskFull`."""
        coming = [picture for picture in self.pictures.rows(ids) if picture.deleted_at is not None]
        for picture in coming:
            self._moved(trash.bring_back, picture.file)
        return self.pictures.restore([picture.id for picture in coming])

    def erase(self, ids: Sequence[int]) -> int:
        """Remove pictures that are in the trash for good; returns how many. Raises `StoreError`.

        A picture whose file can't be deleted stays in the trash.
        """
        gone = []
        for picture in self.pictures.rows(ids):
            if picture.deleted_at is None:
                continue
            try:
                trash.path_of(self.folder, picture.file).unlink(missing_ok=True)
                (self.folder / picture.file).unlink(missing_ok=True)  # where it could not be moved
                thumbnails.remove(self.folder, picture.id)
            except OSError as problem:
                _logger.warning("%s stays in the trash: %s", picture.file, problem)
                continue
            gone.append(picture.id)
        return self.pictures.forget(gone)

    def purge(self, days: float = trash.DAYS) -> int:
        """Erase what has been in the trash for `days`; returns how many. Raises `StoreError`."""
        before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
        return self.erase([picture.id for picture in self.pictures.expired(before)])

    def export(
        self, ids: Sequence[int], folder: Path, cancel: threading.Event
    ) -> Iterator[PictureExported | ExportFinished]:
        """Copy the files of pictures into a folder, under their names; what is there is never written over.

        Raises `DiskFull` or `StoreError` where the folder can't be written.
        """
        pictures = self.pictures.rows(ids)
        copied = 0
        skipped: list[int] = []
        for number, picture in enumerate(pictures, 1):
            if cancel.is_set():
                break
            try:
                source = self.path(picture)
                with source.open("rb"):
                    pass
            except OSError as problem:
                _logger.warning("%s is not exported: %s", picture.file, problem)
                skipped.append(picture.id)
                continue
            part = files.write_part(folder, files.copy_into(source))
            target = _free(folder, picture.file)
            try:
                part.rename(target)
            except OSError as error:
                part.unlink(missing_ok=True)
                raise files.not_written(folder, error) from error
            copied += 1
            yield PictureExported(number, len(pictures), picture.id, target)
        yield ExportFinished(copied, tuple(skipped))

    # --- the start --------------------------------------------------------------------------------------------

    def tidy(self, cancel: threading.Event | None = None) -> None:
        """What a start puts right: half-written files go, files without a row get one, files lie where their rows
        say, and the trash loses what is past its term. Raises `StoreError` or `DiskFull`."""
        removed = files.remove_stale_parts(self.folder)
        self._settle_trash()
        adopted = self.adopt(cancel)
        purged = self.purge()
        if removed or adopted or purged:
            _logger.info("pictures: %d leftovers removed, %d adopted, %d purged", removed, adopted, purged)

    def _settle_trash(self) -> None:
        for picture in self.pictures.rows(self.pictures.ids(PictureFilter(trash=True))):
            self._moved(trash.throw, picture.file)
        for name in files.pictures_in(self.folder / trash.FOLDER):
            row = self.pictures.by_file(name)
            if (
                row is None or row.deleted_at is None
            ):  # without a row, of a database that a backup replaced: it is adopted
                self._moved(trash.bring_back, name)

    # --- one file ---------------------------------------------------------------------------------------------

    def _import(self, path: Path) -> Picture | str:
        """The new picture, or the name of the same file in the gallery."""
        if not path.exists():
            raise PictureUnreadable(_("There is no file {path}.").format(path=path))
        facts = metadata.read(path, whole=True)
        naming = (str(facts.parameters.get("prompt", "")), datetime.fromisoformat(facts.created_at), facts.suffix)
        for name in files.names(*naming):
            there = self.folder / name
            if not there.exists() and self.pictures.by_file(name) is None:
                break
            if there.exists() and (there.samefile(path) or filecmp.cmp(there, path, shallow=False)):
                return name
        picture = self._keep(
            files.copy_into(path),
            files.names(*naming),
            **{**metadata.columns(facts), "source": "import"},
        )
        with contextlib.suppress(ThauError):
            self.thumbnail(picture)
        return picture

    def _keep(self, write: Callable[[BinaryIO], object], names: Iterator[str], **columns: Any) -> Picture:
        """A whole file under the first free of its names, and its row."""
        part = files.write_part(self.folder, write)
        try:
            size = part.stat().st_size
            # Within one transaction, so that a tidying process meanwhile does not adopt the file.
            with self.pictures.database.transaction():
                name = next(name for name in names if self._is_free(name))
                part.rename(self.folder / name)
                sync_folder(self.folder)
                return self.pictures.add(file=name, **{**columns, "bytes": size})
        except OSError as error:
            raise files.not_written(self.folder, error) from error
        finally:
            part.unlink(missing_ok=True)

    def _is_free(self, name: str) -> bool:
        return (
            not (self.folder / name).exists()
            and not trash.path_of(self.folder, name).exists()
            and self.pictures.by_file(name) is None
        )

    def _moved(self, move: Callable[[Path, str], bool], file: str) -> None:
        try:
            move(self.folder, file)
        except OSError as problem:
            _logger.warning("%s stays where it is: %s", file, problem)


def _source(facts: Facts) -> str:
    """Where an adopted picture came from: ours say so."""
    said = facts.parameters.get("origin")
    return said if facts.ours and said in ("chat", "gallery", "cli", "api") else "adopted"


def _expanded(path: Path) -> list[Path]:
    return [path / name for name in files.pictures_in(path)] if path.is_dir() else [path]


def _free(folder: Path, name: str) -> Path:
    target, number = folder / name, 2
    while target.exists():
        target = folder / f"{Path(name).stem}_{number}{Path(name).suffix}"
        number += 1
    return target
