"""What rules decide: an action or why there is none, the moment, and what was outdone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.lifecycle.rules import When


class Action(StrEnum):
    """What becomes of a candidate."""

    EXPIRE = "expire"
    TRANSITION = "transition"
    EXPIRE_NONCURRENT = "expire_noncurrent"
    TRANSITION_NONCURRENT = "transition_noncurrent"
    REMOVE_DELETE_MARKER = "remove_delete_marker"
    ABORT_UPLOAD = "abort_upload"


class Skipped(StrEnum):
    """What holds a candidate back that a rule would act on. REPLACES: where versioning is suspended
    its copy would take the place of the null version, which no rule says is to go. UNKNOWN: nobody
    can tell, for it did not say what decides about it."""

    LOCKED = "locked"
    REPLICATION_PENDING = "replication_pending"
    REPLACES = "replaces_null_version"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule does to a candidate from `due` on, unless another comes first.

    `rule` is its place in the configuration, from 0; `when` the threshold that it names. `newer` is
    how many newer noncurrent versions it keeps. `storage_class` is that of a transition.
    """

    action: Action
    rule: int
    due: datetime
    when: When
    storage_class: str = ""
    newer: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to a candidate, and why.

    With `skipped` the step is what would have happened. `outdone` are the steps that were due as
    well and lost. What `is_consequence` nobody does: it comes with what the rule does to another
    version of the key. What an expiration `hides` stays, under the delete marker that it brings: a
    forecast says so, which knows the bucket.
    """

    step: Step
    skipped: Skipped | None = None
    outdone: tuple[Step, ...] = ()
    is_consequence: bool = False
    hides: bool = False

    @property
    def action(self) -> Action | None:
        return None if self.skipped else self.step.action


@dataclass(frozen=True, slots=True)
class Event:
    """A decision about one version of a key, as its history goes on from now.

    `index` is its place among the versions, the newest first. Behind them all, from their number
    on, come those that are not there yet: the delete marker that an expiration brings, and the
    version that stays where s4desk copies a current one to another class. `day` counts from now: 0
    is what is due, 1 what comes within 24 hours, and so on. With `from_run` the version's days were
    counted from what a run before had done to it.
    """

    index: int
    day: int
    decision: Decision
    from_run: bool = False
