"""Versions in the window: showing them, going back in time, and what is done with single ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Prefix
from s4desk.core.runtime.events import ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.delete import Deletion
from s4desk.core.transfer.restoring import Restoration, Step, restore_all
from s4desk.gui.commands.deleting import NAMES_SHOWN, keeping_in
from s4desk.gui.commands.lock_guard import Deletable
from s4desk.gui.dialogs.as_of import AsOfDialog
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.busy import busy
from s4desk.gui.dialogs.deletion import DeletionDialog, DeletionQuestion
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.viewmodels.deletion_text import Keeping
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.locked_text import Threat
from s4desk.viewmodels.rows import display_name, format_size
from s4desk.viewmodels.version_text import (
    overwriting_text,
    restored_text,
    restoring_obstacle,
    version_name,
    versions_consequence,
    versions_question,
    versions_word,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.deleting import Deleting
    from s4desk.gui.commands.notices import Notices


class Versioning:
    """Commands about versions. The switch and the moment belong to the place that is shown."""

    def __init__(
        self,
        desk: Desk,
        notices: Notices,
        browsing: Browsing,
        deleting: Deleting,
        clock: Clock,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._notices = notices
        self._browsing = browsing
        self._deleting = deleting
        self._clock = clock
        self._window = window

    def toggle(self) -> None:
        """Show versions in the folder that is shown, or hide them."""
        place = self._browsing.place
        if place is not None and place.prefix is not None and place.query is None:
            self._browsing.show_as(replace(place, versions=not place.versions, moment=None))

    async def ask_moment(self) -> None:
        """Ask for a moment, and show the bucket as it was then."""
        place = self._browsing.place
        if place is None or place.prefix is None or place.query is not None:
            return
        now = self._clock.now()
        dialog = AsOfDialog(display_name(place.prefix.bucket), now, self._window)
        if place.moment is not None:
            dialog.show_moment(place.moment)
        if await accepted(dialog):
            self._browsing.show_as(replace(place, versions=False, moment=dialog.moment))

    def back_to_now(self) -> None:
        """Show what is there now."""
        place = self._browsing.place
        if place is not None and place.moment is not None:
            self._browsing.show_as(replace(place, moment=None))

    async def restore(self, connection: ConnectionId, versions: Sequence[ObjectVersion]) -> None:
        """Copy versions forward, so that they are the latest again. No version is lost where the
        bucket keeps them, and nothing locked is covered unasked."""
        if not versions:
            return
        if obstacle := restoring_obstacle(versions):
            self._notices.say(obstacle)
            return
        covered = list(dict.fromkeys(each.location for each in versions))
        if not await self._deleting.guard.allows(connection, covered, Threat.REPLACE):
            return
        store = await self._desk.stores.get(connection)
        bucket = versions[0].location.bucket
        if await keeping_in(store, bucket) is not Keeping.VERSIONS and not await self._may_replace(
            versions
        ):
            return
        failed: list[tuple[Restoration, S4DeskError]] = []

        def told(each: Restoration, error: S4DeskError | None) -> None:
            if error is not None:
                failed.append((each, error))

        try:
            async with busy(tr("Restoring"), self._window):
                await restore_all(store, _as_pages(versions), told)
        finally:
            for prefix in {each.location.parent for each in versions}:
                self._desk.events.publish(ObjectsChanged(connection, prefix))
        if not failed:
            self._notices.say(restored_text(versions))
        elif len(versions) == 1:
            self._notices.fail(failed[0][1])
        else:
            await self._tell_failures(failed)

    async def delete(self, connection: ConnectionId, versions: Sequence[ObjectVersion]) -> None:
        """Delete these versions and delete markers for good, after asking."""
        if not versions:
            return
        allowed = await self._deleting.guard.allows_versions(connection, versions)
        if allowed is Deletable.NO:
            return
        question = DeletionQuestion(
            title=tr("Delete Versions"),
            problem=versions_question(versions),
            consequence=versions_consequence(versions),
            names=[version_name(each) for each in versions[:NAMES_SHOWN]],
            word=versions_word(versions),
        )
        dialog = DeletionDialog(question, self._window)
        total = sum(each.size for each in versions)
        if total:
            dialog.show_tally(tr("That is {size}.").format(size=format_size(total)))
        among = [each.location for each in versions]
        await self._deleting.tell_replication_of(dialog, connection, versions)
        if not await accepted(dialog):
            return
        store = await self._desk.stores.get(connection)
        folders = {each.location.parent for each in versions}
        top = folders.pop() if len(folders) == 1 else Prefix(versions[0].location.bucket)
        bypass = allowed is Deletable.BYPASSING
        deletion = Deletion.of_versions(store, versions, bypass=bypass)
        await self._deleting.see_through(deletion, connection, top, among)

    async def _may_replace(self, versions: Sequence[ObjectVersion]) -> bool:
        names = ", ".join(version_name(each) for each in versions[:3])
        return await accepted(
            QuestionDialog(
                tr("Restore"),
                tr("Restore {names}?").format(names=names),
                overwriting_text(),
                tr("&Restore"),
                self._window,
            )
        )

    async def _tell_failures(self, failed: Sequence[tuple[Restoration, S4DeskError]]) -> None:
        rows = [(display_name(each.location.key), describe(error)) for each, error in failed]
        await accepted(
            ReviewDialog(
                tr("Not Restored"),
                tr("These are as they were before."),
                (tr("Key"), tr("Why")),
                rows,
                "",
                self._window,
            )
        )


async def _as_pages(versions: Sequence[ObjectVersion]) -> AsyncIterator[list[Restoration]]:
    yield [Restoration(each.location, Step.COPY, each) for each in versions]
