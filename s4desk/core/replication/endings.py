"""What an attempt to carry a write may come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError

if TYPE_CHECKING:
    from s4desk.core.domain.replication.status import Status
    from s4desk.core.replication.table import Made, Seen


@dataclass(frozen=True, slots=True)
class Ending:
    """What an attempt has come to, by which rule. `note` is what did not come along, or why it has
    not arrived; `lock_stayed` says that the source is locked and its replica is not. `made` is the
    replica. `is_found`: nothing was written, because it was there already, or something newer."""

    status: Status
    rule: str
    note: str = ""
    lock_stayed: bool = False
    made: Made | None = None
    is_found: bool = False


class NothingToDoError(S4DeskError):
    """The object is gone: there is nothing to be replicated any more."""


class NoRuleError(S4DeskError):
    """No rule is about the object, now that its tags are known."""


class OlderVersionFailedError(S4DeskError):
    """An older version of the key has not arrived: this one would be the newest one before it."""


class OtherRuleError(S4DeskError):
    """The rule that decides is not to be carried out now: it waits."""


class ShutWayError(S4DeskError):
    """Nothing is tried by the rule that decides, now that the tags of the object are known."""


class NoVersionsError(S4DeskError):
    """The destination keeps no versions: a delete marker would be the end of the object."""


class NewerWriteError(S4DeskError):
    """The object is another one by now: `seen` is what it is."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(seen.etag)
        self.seen = seen
