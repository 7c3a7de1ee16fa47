"""What a preview found: rows in columns, as many as a bucket has keys."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s4desk.core.domain.lifecycle.decisions import Decision


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that happens to a version, a delete marker or an unfinished upload.

    `version` is the id of a version, or of an upload; empty in a bucket without versions. Times are
    seconds since the epoch in UTC, nan when nobody told; `day` is 0 for what is due now, else the
    days until it is. `size` is in bytes.
    """

    key: str
    version: str
    etag: str
    size: int
    storage_class: str
    created: float
    day: int
    due: float
    decision: Decision


class Findings:
    """Findings in the order in which they came. Decisions and classes are kept once each."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.versions: list[str] = []
        self.etags: list[str] = []
        self.sizes = array("q")
        self.created = array("d")
        self.dues = array("d")
        self.days = array("i")
        self.classes: list[str] = []
        self.decisions: list[Decision] = []

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, found: Finding) -> None:
        self.keys.append(found.key)
        self.versions.append(found.version)
        self.etags.append(found.etag)
        self.sizes.append(found.size)
        self.created.append(found.created)
        self.dues.append(found.due)
        self.days.append(found.day)
        self.classes.append(found.storage_class)
        self.decisions.append(found.decision)

    def __getitem__(self, row: int) -> Finding:
        return Finding(
            self.keys[row],
            self.versions[row],
            self.etags[row],
            self.sizes[row],
            self.classes[row],
            self.created[row],
            self.days[row],
            self.dues[row],
            self.decisions[row],
        )
