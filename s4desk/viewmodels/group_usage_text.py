"""What a person reads of the use of failover groups that was counted and is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.lock_text import until_text

if TYPE_CHECKING:
    from s4desk.core.failover.usage import UsageLoss


def usage_lost_text(lost: UsageLoss) -> str:
    """All of it, in two sentences, for whoever has not heard of it yet."""
    said = tr(
        "What the members of groups were used for before {time} is not counted, and their limits of"
        " this month begin anew: the file with it was damaged. It is kept as {path}."
    )
    return said.format(time=until_text(lost.at), path=lost.aside)


def counted_since_text(lost: UsageLoss) -> str:
    """The same in a few words, beside what was counted."""
    return tr("counted since {time} only").format(time=until_text(lost.at))
