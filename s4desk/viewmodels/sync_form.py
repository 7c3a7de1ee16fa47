"""What a sync is asked with: from where to where, and what counts as the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.one_place import is_one_endpoint
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.sync import Compare
from s4desk.core.transfer.sync_overlap import overlap
from s4desk.viewmodels.forms import Field, FieldKind, Form, choice
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.connection import Connection


class Way(StrEnum):
    """Which side is made like the other one."""

    UP = "up"
    DOWN = "down"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class SyncTask:
    """One side is `place`, the other `folder` on this computer, or for a copy `target`."""

    way: Way
    place: Place
    prefix: Prefix
    how: Compare
    folder: Path = Path()
    target: Place | None = None

    @property
    def target_place(self) -> Place | None:
        """Where objects are written; None when files are."""
        return self.place if self.way is Way.UP else self.target


class SyncForm(Form):
    """About one folder of a store, or a whole bucket."""

    def __init__(
        self,
        place: Place,
        prefix: Prefix,
        connections: Sequence[Connection],
        *,
        folder: str = "",
    ) -> None:
        self.place = place
        self.prefix = prefix
        self._connections = {each.id: each for each in connections}
        ids = {each.id for each in connections}
        first = place.connection if place.connection in ids else next(iter(ids), "")
        super().__init__(
            tr("Sync {folder}").format(folder=display_name(f"{prefix.bucket}/{prefix.prefix}")),
            way=Field(
                tr("Direction"),
                Way.UP,
                choice(Way),
                FieldKind.CHOICE,
                [(way, way_text(way, prefix)) for way in Way],
            ),
            folder=Field(tr("Folder here"), folder, _folder, FieldKind.FOLDER),
            connection=Field(
                tr("Connection"),
                first,
                ConnectionId,
                FieldKind.CHOICE,
                [(each.id, display_name(each.name)) for each in connections],
            ),
            target=Field(tr("Target"), "", _prefix, placeholder=tr("bucket/folder")),
            how=Field(
                tr("Compare by"),
                Compare.SIZE_AND_TIME,
                choice(Compare),
                FieldKind.CHOICE,
                [(how, compare_text(how)) for how in _COMPARES],
            ),
        )

    @property
    def way(self) -> Way:
        return Way(self.fields["way"].text)

    @property
    def how(self) -> Compare:
        return Compare(self.fields["how"].text)

    @property
    def meaning(self) -> str:
        """What the chosen way to compare means."""
        return compare_meaning(self.how, self.way)

    def is_shown(self, name: str) -> bool:
        if name == "folder":
            return self.way is not Way.COPY
        return self.way is Way.COPY if name in ("connection", "target") else True

    def result(self) -> SyncTask:
        """Raises ValidationError as long as there are errors."""
        if errors := self.errors:
            raise ValidationError(next(iter(errors.values())))
        task = SyncTask(self.way, self.place, self.prefix, self.how)
        if self.way is Way.COPY:
            return replace(task, target=self._target)
        return replace(task, folder=self.fields["folder"].value)

    @property
    def _target(self) -> Place:
        connection: ConnectionId = self.fields["connection"].value
        return Place(connection, self.fields["target"].value)

    def _errors_between_fields(self) -> dict[str, str]:
        if self.way is Way.COPY:
            return {} if self.fields["target"].error else self._overlap()
        folder = self.fields["folder"]
        if self.way is Way.UP and not folder.error and not folder.value.is_dir():
            return {"folder": tr("There is no such folder.")}
        return {}

    def _overlap(self) -> dict[str, str]:
        target = self._target
        if target.prefix is None or not overlap(target.prefix, self.prefix):
            return {}
        if not self._is_one_store(self.place.connection, target.connection):
            return {}
        return {"target": tr("Neither folder may lie in the other one.")}

    def _is_one_store(self, one: ConnectionId, other: ConnectionId) -> bool:
        here, there = self._connections.get(one), self._connections.get(other)
        return one == other or bool(here and there and is_one_endpoint(here, there))


_COMPARES = (Compare.SIZE_AND_TIME, Compare.CHECKSUM, Compare.ETAG, Compare.SIZE)


def way_text(way: Way, prefix: Prefix) -> str:
    """One direction, with the name of the folder it is about."""
    name = display_name(prefix.name)
    return {
        Way.UP: tr("This computer → “{folder}”"),
        Way.DOWN: tr("“{folder}” → this computer"),
        Way.COPY: tr("“{folder}” → another folder in a store"),
    }[way].format(folder=name)


def compare_text(how: Compare) -> str:
    return {
        Compare.SIZE_AND_TIME: tr("Size and date"),
        Compare.CHECKSUM: tr("Checksum"),
        Compare.ETAG: tr("ETag"),
        Compare.SIZE: tr("Size alone"),
    }[how]


def compare_meaning(how: Compare, way: Way) -> str:
    """What counts as changed, and what finding it out costs."""
    if how is Compare.SIZE_AND_TIME:
        return tr(
            "Changed is what has another size, or is newer at the source. Fast: it takes no more"
            " than a listing of both sides."
        )
    if how is Compare.SIZE:
        return tr(
            "Changed is what has another size. Fast, and the least sure: new content of the same"
            " length goes unnoticed."
        )
    if how is Compare.ETAG and way is not Way.COPY:
        return tr(
            "Changed is what the ETag of the listing does not prove to be the same. Every local"
            " file of the same size is read; for downloads each object is asked for too."
        )
    if way is Way.COPY:
        return tr(
            "Changed is what the checksums that the stores keep do not prove to be the same. Two"
            " requests for each object of the same size; nothing is downloaded."
        )
    return tr(
        "Changed is what the checksum that the store keeps does not prove to be the same. The"
        " surest: every local file of the same size is read, and each object asked for once."
    )


def _folder(text: str) -> Path:
    if not text.strip():
        raise ValidationError(tr("Choose a folder."))
    path = Path(text).expanduser()
    if path.exists() and not path.is_dir():
        raise ValidationError(tr("This is a file."))
    return path


def _prefix(text: str) -> Prefix:
    bucket, _, key = text.strip().removeprefix("s3://").partition("/")
    if not bucket:
        raise ValidationError(tr("Write bucket/folder."))
    return Prefix(bucket, key).folder
