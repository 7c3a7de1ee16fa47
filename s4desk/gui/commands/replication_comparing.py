"""Comparing a bucket with its replicas, rule by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.replication.rules import Matcher
from s4desk.core.replication.comparing import Comparison, Kind
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.replication_compare import ReplicationCompareDialog
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.replication_compare import compare_row, compare_text
from s4desk.viewmodels.replication_overview import bucket_text, looking_text
from s4desk.viewmodels.replication_rule_text import destination_text
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.core.replication.table import Source
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.dialogs.fields import Note
    from s4desk.viewmodels.replication_overview import RuleId

MOST_LISTED: Final = 10_000
_MENDED: Final = (Kind.MISSING, Kind.DIFFERENT)


def look_thoroughly(desk: Desk, source: Source, outcome: Note) -> None:
    """Let a bucket be compared with its destinations, and tell what will become of that."""
    running = desk.replication.running
    is_begun = desk.replication.look_now(source, thorough=True)
    outcome.say(
        looking_text(running, bucket_text(source, desk.connections.name_of)), is_error=not is_begun
    )


class ReplicationComparing:
    """One rule at a time; closing the dialog ends it."""

    def __init__(self, desk: Desk, tasks: GuiTasks) -> None:
        self._desk = desk
        self._tasks = tasks

    async def show(self, of: RuleId, parent: QWidget) -> None:
        """Until the dialog is closed."""
        ruled = await self._desk.replication.ruled(of.source)
        rule = next((each for each in ruled.rules if each.id == of.rule), None)
        if rule is None:
            return
        name_of = self._desk.connections.name_of
        title = tr("Compare: {place}, rule “{rule}”").format(
            place=bucket_text(of.source, name_of), rule=printable(rule.id)
        )
        there = printable(destination_text(rule.destination, name_of))
        dialog = ReplicationCompareDialog(title, there, parent)
        dialog.look_asked.connect(lambda: self._look(of, dialog))
        comparing = self._tasks.start(self._compare(ruled, rule, dialog))
        try:
            await accepted(dialog)
        finally:
            comparing.cancel()

    def _look(self, of: RuleId, dialog: ReplicationCompareDialog) -> None:
        look_thoroughly(self._desk, of.source, dialog.outcome)

    async def _compare(self, ruled: Ruled, rule: Rule, dialog: ReplicationCompareDialog) -> None:
        dialog.state.say(tr("Both places are listed…"))
        listed = 0
        try:
            origin = await self._desk.stores.get(ruled.source.connection)
            store = await self._desk.stores.get(rule.destination.connection)
            matcher = Matcher(ruled.rules)
            comparison = Comparison(origin, ruled.source.bucket, store, rule, matcher)
            async for some in comparison.differences():
                dialog.add([compare_row(each) for each in some[: MOST_LISTED - listed]])
                listed = min(MOST_LISTED, listed + len(some))
                said = compare_text(comparison.same, comparison.counts, is_running=True)
                dialog.state.say(said)
        except S4DeskError as error:
            dialog.state.fail(error)
            return
        said = compare_text(comparison.same, comparison.counts, is_running=False)
        if sum(comparison.counts.values()) > listed:
            more = tr("Only the first {count} are listed.").format(count=format_count(listed))
            said = f"{said} {more}"
        dialog.end(said, can_look=any(comparison.counts[kind] for kind in _MENDED))
