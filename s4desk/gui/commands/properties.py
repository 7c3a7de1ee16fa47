"""Looking at the properties of objects, and changing them: of one, or of many at once."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s4desk.core.domain.access import Audience, opens
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.capability import Capability
from s4desk.core.domain.errors import S4DeskError, StoreError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.past_change import ChangeKind, PastChange
from s4desk.core.runtime.events import ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.configuration import read_config
from s4desk.core.transfer.editing import Seen, edit, edit_many, locations_in, read_acl
from s4desk.core.transfer.past_changes import edit_of
from s4desk.gui.commands.stoppable import is_stopped
from s4desk.gui.commands.transferring import selected
from s4desk.gui.dialogs.base import accepted, pressed
from s4desk.gui.dialogs.busy import busy
from s4desk.gui.dialogs.properties import PropertiesDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.viewmodels.capability_text import lack_of
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.properties_form import Limits, PropertiesForm
from s4desk.viewmodels.properties_text import (
    accept_text,
    changing_text,
    looking_text,
    many_text,
    many_title,
    outcome_columns,
    outcome_rows,
    preview_text,
    report_text,
    subject_text,
    title_text,
    unseen_text,
)
from s4desk.viewmodels.publishing_text import (
    publishing_meaning,
    publishing_text,
    publishing_title,
)
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.access import Acl
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.properties import PropertyChange
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.editing import EditOutcome
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices
    from s4desk.viewmodels.selection import Selection

MOST_TOLD = 10_000
"""So many are listed; all are counted."""


@dataclass(slots=True)
class _Counts:
    """What became of many, or would; `told` are those worth a row."""

    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    is_stopped: bool = False
    told: list[EditOutcome] = field(default_factory=list)

    @property
    def all(self) -> int:
        return self.changed + self.unchanged + self.failed

    def add(self, outcome: EditOutcome, *, with_changed: bool) -> None:
        is_told = with_changed
        if outcome.error is not None:
            self.failed += 1
            is_told = True
        elif outcome.changed:
            self.changed += 1
        else:
            self.unchanged += 1
            is_told = False
        if is_told and len(self.told) < MOST_TOLD:
            self.told.append(outcome)


class Properties:
    """What others changed meanwhile is never overwritten: it is told, and can be looked at."""

    def __init__(
        self, desk: Desk, tasks: GuiTasks, notices: Notices, clock: Clock, window: QWidget
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._clock = clock
        self._window = window

    async def show(self, connection: ConnectionId, selection: Selection) -> None:
        """Those of what is selected; of folders those of all objects below."""
        if not len(selection):
            return
        store = await self._desk.stores.get(connection)
        only = selection.only
        if isinstance(only, Location):
            await self._one(store, connection, only)
        else:
            await self._many(store, connection, selection)

    # One object

    async def _one(self, store: Store, connection: ConnectionId, location: Location) -> None:
        async with busy(tr("Properties"), self._window):
            form = await self._looked(store, connection, location)
        dialog = PropertiesDialog(form, self._subject(form), self._window)
        try:
            while await pressed(dialog, dialog.asked):
                if dialog.wants_reload:
                    await self._load_again(dialog, store, connection, location)
                elif not await self._may_publish(dialog.form, 1, dialog):
                    continue
                elif await self._is_saved(dialog, store, connection, location):
                    break
        finally:
            dialog.end()
            dialog.deleteLater()

    async def _looked(
        self, store: Store, connection: ConnectionId, location: Location
    ) -> PropertiesForm:
        meta = await store.head(location)
        tags, no_tags = await self._tags(store, connection, meta)
        acl, no_acl = await self._acl(store, meta)
        seen = Seen(meta, tags, acl)
        return PropertiesForm(title_text(location), seen, Limits(no_tags, no_acl))

    async def _tags(
        self, store: Store, connection: ConnectionId, meta: ObjectMeta
    ) -> tuple[Mapping[str, str] | None, str]:
        """The tags, and why they cannot be changed if they cannot."""
        reason = lack_of(self._desk.stores.report(connection), Capability.OBJECT_TAGGING)
        if reason:
            return None, reason
        try:
            return await store.get_tags(meta.location, version=meta.version), ""
        except StoreError as error:
            return None, describe(error)

    async def _acl(self, store: Store, meta: ObjectMeta) -> tuple[Acl | None, str]:
        try:
            acl = await read_acl(store, meta)
        except StoreError as error:
            return None, describe(error)
        if acl is None:
            return None, tr("This store has no permissions of single objects.")
        if await _is_switched_off(store, meta.location.bucket):
            return acl, tr(
                "This bucket has permissions of single objects switched off: all belong to its"
                " owner, and its policy says who may do what."
            )
        return acl, ""

    async def _load_again(
        self,
        dialog: PropertiesDialog,
        store: Store,
        connection: ConnectionId,
        location: Location,
    ) -> None:
        """Look again, and do to that what was edited."""
        dialog.set_busy(True, tr("Asking the store…"))
        try:
            form = await self._looked(store, connection, location)
        except S4DeskError as error:
            dialog.fail(error)
            return
        form.take_over(dialog.form)
        dialog.set_busy(False)
        dialog.show_form(form, self._subject(form))

    async def _is_saved(
        self,
        dialog: PropertiesDialog,
        store: Store,
        connection: ConnectionId,
        location: Location,
    ) -> bool:
        """Save; closing the dialog stops it."""
        change, seen = dialog.form.change(), dialog.form.seen
        outcomes: list[EditOutcome | S4DeskError] = []

        async def save() -> None:
            try:
                outcomes.append(await edit(store, location, change, self._clock.now(), seen=seen))
            except S4DeskError as error:
                outcomes.append(error)

        dialog.set_busy(True, tr("Saving…"))
        saving = self._tasks.start(save())
        dialog.rejected.connect(saving.cancel)
        await asyncio.wait([saving])
        dialog.rejected.disconnect(saving.cancel)
        self._desk.events.publish(ObjectsChanged(connection, location.parent))
        outcome = next(iter(outcomes), None)
        await self._desk.note(edit_of(outcome, connection, location))
        if outcome is None:
            # It was closed; or what nobody expected was told already.
            return True
        if isinstance(outcome, S4DeskError):
            # Told only now: from here on a press of a button is heard.
            dialog.fail(outcome)
            return False
        if outcome.has_unseen_acl:
            self._notices.warn(unseen_text(location))
        else:
            said = tr("The properties of “{name}” are saved.")
            self._notices.say(said.format(name=display_name(location.name)))
        return True

    async def _may_publish(self, form: PropertiesForm, count: int, parent: QWidget) -> bool:
        """Whether saving lets no strangers in, or that is meant."""
        opened = opens(form.seen.acl if form.seen is not None else None, form.change().acl)
        if opened is Audience.NOBODY:
            return True
        question = QuestionDialog(
            publishing_title(),
            publishing_text(opened, count),
            publishing_meaning(),
            tr("&Let Them In"),
            parent,
        )
        return await accepted(question)

    def _subject(self, form: PropertiesForm) -> str:
        assert form.seen is not None
        return subject_text(form.seen.meta, self._clock.now())

    # Many

    async def _many(self, store: Store, connection: ConnectionId, selection: Selection) -> None:
        form = PropertiesForm(many_title(selection))
        dialog = PropertiesDialog(form, many_text(selection), self._window)
        try:
            while await pressed(dialog, dialog.asked):
                change = form.change()
                counts = await self._run(store, selection, change, dialog, is_dry=True)
                if counts.is_stopped or not await self._is_agreed(counts, dialog):
                    continue
                if await self._may_publish(form, counts.changed, dialog):
                    dialog.hide()
                    await self._change(store, connection, selection, change)
                    break
        finally:
            dialog.end()
            dialog.deleteLater()

    async def _is_agreed(self, counts: _Counts, dialog: QWidget) -> bool:
        sentence = preview_text(counts.changed, counts.unchanged, counts.failed)
        accept = accept_text(counts.changed) if counts.changed else ""
        rows = outcome_rows(counts.told)
        review = ReviewDialog(tr("Properties"), sentence, outcome_columns(), rows, accept, dialog)
        return await accepted(review)

    async def _change(
        self,
        store: Store,
        connection: ConnectionId,
        selection: Selection,
        change: PropertyChange,
    ) -> None:
        try:
            counts = await self._run(store, selection, change, self._window, is_dry=False)
        finally:
            prefix = selection.prefix
            if prefix is not None:
                self._desk.events.publish(ObjectsChanged(connection, prefix))
        if prefix is not None:
            where, kind = (prefix.bucket, prefix.prefix), ChangeKind.PROPERTIES
            past = PastChange(kind, connection, *where, counts.changed, counts.failed)
            await self._desk.note(past)
        sentence = report_text(
            counts.changed, counts.unchanged, counts.failed, is_stopped=counts.is_stopped
        )
        if not counts.told:
            self._notices.say(sentence)
            return
        rows = outcome_rows(counts.told)
        await accepted(
            ReviewDialog(tr("Properties"), sentence, outcome_columns(), rows, "", self._window)
        )

    async def _run(
        self,
        store: Store,
        selection: Selection,
        change: PropertyChange,
        window: QWidget,
        *,
        is_dry: bool,
    ) -> _Counts:
        """Go through all of it; with `is_dry` only look."""
        counts = _Counts()

        def told(outcome: EditOutcome) -> None:
            is_worth_it = is_dry or outcome.has_unseen_acl
            counts.add(outcome, with_changed=is_worth_it)

        async def go() -> None:
            async with aclosing(locations_in(store, selected(selection))) as pages:
                await edit_many(store, pages, change, self._clock.now(), told, is_dry=is_dry)

        def so_far() -> str:
            return looking_text(counts.all) if is_dry else changing_text(counts.changed)

        title = tr("Properties")
        counts.is_stopped = await is_stopped(go, self._tasks, title, so_far, window)
        return counts


async def _is_switched_off(store: Store, bucket: str) -> bool:
    """Whether nobody can be granted anything on single objects there, as far as one may know."""
    try:
        found = await read_config(store, bucket, ConfigKind.OWNERSHIP)
    except StoreError:
        return False
    rules = found.get("Rules", [])
    return any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)
