"""Which member of a failover group has served something, in words.

It is loaded before the first paint, and brings nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.group_limits_text import limits_text
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId


def answer_text(answer: Answer, name_of: Callable[[ConnectionId], str]) -> str:
    """“Away”, and in brackets what was not as usual: “Away (failover)”."""
    name = printable(name_of(answer.backend)) or tr("(removed connection)")
    if answer.may_be_old:
        return tr("{member} (may be older)").format(member=name)
    if answer.is_failover:
        return tr("{member} (failover)").format(member=name)
    if answer.is_degraded:
        return tr("{member} (degraded)").format(member=name)
    return name


def stand_in_text(answer: Answer | None, name_of: Callable[[ConnectionId], str]) -> str:
    """That what is shown is what another than the first member of a group has; empty where it is
    not."""
    if answer is None or not answer.is_failover:
        return ""
    name = printable(name_of(answer.backend)) or tr("(removed connection)")
    said = tr("Read from {member}, because the first member of the group did not give it.")
    if answer.may_be_old:
        said = tr("Read from {member}: this may be an older copy.")
    said = said.format(member=name)
    if answer.limit is None:
        return said
    limit = tr("The first member of the group may be used for {limit}.")
    return f"{said} {limit.format(limit=limits_text(answer.limit))}"


def read_from_text(answer: Answer, name_of: Callable[[ConnectionId], str]) -> str:
    return tr("Read from {member}").format(member=answer_text(answer, name_of))
