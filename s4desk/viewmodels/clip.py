"""What was cut, copied or is dragged, and what may become of it where."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.selection import Selection

if TYPE_CHECKING:
    from s4desk.viewmodels.places import Place


class Deed(StrEnum):
    """What is done with a clip."""

    COPY = "copy"
    MOVE = "move"


@dataclass(frozen=True)
class Clip:
    """Folders and objects in one bucket of one connection. `is_cut`: they are to be moved."""

    connection: ConnectionId
    selection: Selection
    is_cut: bool = False

    def __len__(self) -> int:
        return len(self.selection)

    @property
    def bucket(self) -> str:
        return self.selection.prefix.bucket if self.selection.prefix is not None else ""

    @cached_property
    def parents(self) -> frozenset[Prefix]:
        """The folders that they lie in."""
        chosen = self.selection
        above = {folder.parent for folder in chosen.folders}
        above |= {location.parent for location in chosen.objects}
        return frozenset(each for each in above if each is not None)

    def is_at(self, place: Place) -> bool:
        """Whether `place` is in their bucket."""
        prefix = place.prefix
        is_here = place.connection == self.connection
        return is_here and prefix is not None and prefix.bucket == self.bucket

    def is_all_in(self, place: Place) -> bool:
        """Whether all of them lie directly in this folder."""
        return self.is_at(place) and self.parents == {place.prefix}


def bytes_of(clip: Clip) -> bytes:
    """A clip as bytes that `clip_of` reads, in this window or another."""
    chosen, top = clip.selection, clip.selection.prefix
    return json.dumps(
        {
            "connection": clip.connection,
            "cut": clip.is_cut,
            "bucket": clip.bucket,
            "prefix": top.prefix if top is not None else "",
            "folders": [folder.prefix for folder in chosen.folders],
            "objects": [location.key for location in chosen.objects],
            "sizes": list(chosen.sizes),
            "modified": list(chosen.modified),
        }
    ).encode()


def clip_of(kept: bytes) -> Clip | None:
    """The clip that was written; None for what is none, whoever wrote it."""
    try:
        said: dict[str, Any] = json.loads(kept)
        bucket, prefix = _text(said["bucket"]), _text(said["prefix"])
        objects = [Location(bucket, _text(key)) for key in said["objects"]]
        selection = Selection(
            Prefix(bucket, prefix),
            [Prefix(bucket, _text(key)) for key in said["folders"]],
            objects,
            array("q", said["sizes"]),
            array("d", said["modified"]),
        )
        clip = Clip(ConnectionId(_text(said["connection"])), selection, said["cut"] is True)
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    is_whole = len(selection.sizes) == len(selection.modified) == len(objects)
    return clip if bucket and is_whole and len(clip) else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def usual_deed(clip: Clip, place: Place) -> Deed:
    """What a drag without a key means: as in file managers, a bucket is like a disk."""
    return Deed.MOVE if clip.is_at(place) else Deed.COPY


def deed_at(clip: Clip, place: Place, asked: Deed | None) -> Deed | None:
    """What becomes of a clip that is dropped; None when nothing can. `asked` is for by a key."""
    deed = asked or usual_deed(clip, place)
    return None if obstacle(clip, place, deed) else deed


def obstacle(clip: Clip, place: Place | None, deed: Deed) -> str:
    """Why it cannot be put there, as a sentence; empty when it can."""
    if place is None or place.prefix is None:
        return tr("Choose a bucket or a folder.")
    if not clip.is_at(place):
        return ""
    inside = place.prefix.prefix
    if any(inside.startswith(folder.prefix) for folder in clip.selection.folders):
        if deed is Deed.MOVE:
            return tr("A folder cannot be moved into itself.")
        return tr("A folder cannot be copied into itself.")
    if deed is Deed.MOVE and clip.is_all_in(place):
        return tr("It is in this folder already.")
    return ""
