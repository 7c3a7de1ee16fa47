"""Dialogs about failover groups, each with what it says at its longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import UnreachableError
from s4desk.core.domain.failover import Answer, Backend, FailoverGroup, UsageLimits
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.failover.counters import Counters
from s4desk.core.failover.health import HealthReport
from s4desk.core.failover.holdings import (
    MISSING,
    Holding,
    MemberSummary,
    MergedRow,
    MergedSummary,
    Standing,
)
from s4desk.core.failover.service import BackendStatus, GroupStatus
from s4desk.core.failover.usage import Usage
from s4desk.gui.dialogs.group import GroupDialog
from s4desk.gui.dialogs.group_compare import GroupCompareDialog
from s4desk.gui.dialogs.group_member import MemberDialog
from s4desk.gui.dialogs.group_status import GroupStatusDialog
from s4desk.viewmodels.group_compare import compare_row, compared_text
from s4desk.viewmodels.group_form import GroupForm
from s4desk.viewmodels.group_status import group_facts, member_rows, month_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QDialog, QWidget

NAMES = {
    ConnectionId("a"): "Produktion Frankfurt",
    ConnectionId("b"): "Sicherung Nürnberg",
    ConnectionId("c"): "Archive",
}
STORES = [Connection(id_, name, f"memory:{id_}") for id_, name in NAMES.items()]
LIMITS = UsageLimits(10_000, 100 * 10**9, 5 * 2**30)
BACKENDS = tuple(Backend(id_, (("photos", "photos-backup"),), LIMITS) for id_ in NAMES)
GROUP = FailoverGroup(BACKENDS, parallel=3)
ERROR = UnreachableError("connection refused", operation="ListBuckets")
HEALTHS = (
    HealthReport(BreakerState.OPEN, 245.0, ERROR),
    HealthReport(BreakerState.HALF_OPEN, 0.0, ERROR),
    HealthReport(BreakerState.CLOSED, is_pretended=True),
)
STATUS = GroupStatus(
    GROUP,
    "2026-11",
    tuple(
        BackendStatus(backend, NAMES[backend.connection], health, Usage(9_500, 10**10, 2**30))
        for backend, health in zip(BACKENDS, HEALTHS, strict=True)
    ),
    Counters(123_456, 1_234, 123, 12, 1),
    has_index=False,
    last=Answer(ConnectionId("b"), is_failover=True),
)
HERE, OTHER = Holding(Standing.SAME, 2048), Holding(Standing.OTHER, 1)
ROWS = [MergedRow(f"2026/holiday/{at:03}.jpg", (HERE, OTHER, MISSING)) for at in range(40)]
SUMMARY = MergedSummary(
    40,
    0,
    tuple(
        MemberSummary(id_, name, held=40, size=2**30, missing=1, other=2, unproved=3, only=4)
        for id_, name in NAMES.items()
    ),
)


def stray_groups(parent: QWidget) -> Iterator[tuple[str, QDialog]]:
    """Names and dialogs, not shown yet."""
    form = GroupForm(ConnectionId("g"), STORES, "Photos", GROUP)
    yield "group", GroupDialog(form, parent, is_new=False)
    yield "group-member", MemberDialog(form.member_form(1), parent)
    status = GroupStatusDialog(parent)
    status.show_groups([(ConnectionId("g"), "Photos")])
    status.show_members(member_rows(STATUS))
    status.show_facts(group_facts(STATUS, lambda id_: NAMES[id_]), month_text(STATUS))
    yield "group-status", status
    compare = GroupCompareDialog("Photos", "photos/2026/", list(NAMES.values()), parent)
    compare.begin("")
    compare.add([compare_row(row) for row in ROWS])
    compare.end(compared_text(SUMMARY))
    yield "group-compare", compare
