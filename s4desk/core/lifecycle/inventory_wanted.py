"""Which findings of a report somebody wants to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.lifecycle.inventory_rows import blob

if TYPE_CHECKING:
    from s4desk.core.domain.lifecycle.decisions import Action, Event, Skipped


@dataclass(frozen=True, slots=True)
class Wanted:
    """By anything that happens to a version, and by a piece of its key, without regard to case.
    None is all of them; `days` is the last day, `day` the only one. `moves` says whether it goes to
    another class, `is_held` whether something holds it back."""

    rule: int | None = None
    action: Action | None = None
    skipped: Skipped | None = None
    days: int | None = None
    day: int | None = None
    moves: bool | None = None
    is_held: bool | None = None
    part: str = ""

    def has(self, event: Event) -> bool:
        step, skipped = event.decision.step, event.decision.skipped
        return (
            self.rule in (None, step.rule)
            and (self.action is None or (skipped is None and step.action is self.action))
            and self.skipped in (None, skipped)
            and (self.days is None or event.day <= self.days)
            and self.day in (None, event.day)
            and self.moves in (None, bool(step.storage_class))
            and self.is_held in (None, skipped is not None)
        )

    def sql(self, word: str) -> str:
        """What more a row must be, behind `word`."""
        if not self.part:
            return ""
        part = blob(self.part.encode("utf-8", "surrogateescape"))
        return f" {word} contains(lower(TRY(decode(key))), lower(decode({part})))"


EVERYTHING = Wanted()
