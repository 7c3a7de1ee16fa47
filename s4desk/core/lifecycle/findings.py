"""What a preview found: rows in columns, as many as a bucket has keys."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import inf, nan
from typing import TYPE_CHECKING

from s4desk.core.lifecycle.etags import Etags

if TYPE_CHECKING:
    from s4desk.core.domain.lifecycle.candidates import Candidate
    from s4desk.core.domain.lifecycle.decisions import Decision, Event


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that happens to a version, a delete marker or an unfinished upload.

    `version` is the id of a version, or of an upload; empty in a bucket without versions. Times are
    seconds since the epoch in UTC, nan when nobody told; `day` is 0 for what is due now, else the
    days until it is. `size` is in bytes. `then` is what comes after it, as far as one looked ahead.
    `until` is the end of the retention that holds it back: inf under a legal hold, else nan.
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
    then: tuple[Event, ...] = ()
    until: float = nan


class Findings:
    """Findings in the order in which they came. Decisions and classes are kept once each."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.versions: list[str] = []
        self.etags = Etags()
        self.sizes = array("q")
        self.created = array("d")
        self.dues = array("d")
        self.days = array("i")
        self.classes: list[str] = []
        self.decisions: list[Decision] = []
        self.thens: list[tuple[Event, ...]] = []
        self.untils: dict[int, float] = {}
        """By row, of what is held back until a moment."""
        self._once: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, found: Finding) -> None:
        if found.until == found.until:
            self.untils[len(self.keys)] = found.until
        self.keys.append(found.key)
        self.versions.append(found.version)
        self.etags.append(found.etag)
        self.sizes.append(found.size)
        self.created.append(found.created)
        self.dues.append(found.due)
        self.days.append(found.day)
        self.classes.append(self._once.setdefault(found.storage_class, found.storage_class))
        self.decisions.append(found.decision)
        self.thens.append(found.then)

    def extend(self, found: Findings) -> None:
        """Add all rows of another."""
        rows = len(self.keys)
        self.untils.update((rows + row, until) for row, until in found.untils.items())
        self.keys += found.keys
        self.versions += found.versions
        self.etags.extend(found.etags)
        self.sizes += found.sizes
        self.created += found.created
        self.dues += found.dues
        self.days += found.days
        once = self._once
        self.classes += [once.setdefault(each, each) for each in found.classes]
        self.decisions += found.decisions
        self.thens += found.thens

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
            self.thens[row],
            self.untils.get(row % len(self.keys), nan),
        )


def held_until(candidate: Candidate) -> float:
    """The end of what its lock says, as a Finding has it."""
    if candidate.lock.legal_hold:
        return inf
    until = candidate.lock.retain_until
    return nan if until is None else until.timestamp()
