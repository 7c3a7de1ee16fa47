"""What a bucket is told: looked at page by page, changed, saved after a look at the difference."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_command import cli_command
from s4desk.core.domain.config_json import as_json, from_json, is_set
from s4desk.core.domain.errors import ConfigChangedError, NotSupportedError, S4DeskError
from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.domain.public_access import exposures
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.configuration import WriteOutcome, save
from s4desk.core.store.policy_context import policy_context
from s4desk.gui.dialogs.base import FormDialog, accepted
from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
from s4desk.gui.dialogs.bucket_config.review import (
    Choice,
    ConflictDialog,
    SaveDialog,
    SaveQuestion,
)
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.capability_text import lack_of
from s4desk.viewmodels.config_diff import as_text, unified
from s4desk.viewmodels.config_meaning import meaning
from s4desk.viewmodels.config_pages import CAPABILITIES, PageState
from s4desk.viewmodels.config_policy import with_template
from s4desk.viewmodels.config_save_text import (
    conflict_text,
    exposure_sentences,
    is_suspended,
    less_question,
    lost_text,
    save_question,
    save_title,
    saved_text,
)
from s4desk.viewmodels.config_small_forms import NewIdForm, RangeForm
from s4desk.viewmodels.lifecycle_form_limits import limits_of, provider_of
from s4desk.viewmodels.lifecycle_save_text import change_sentences, lost_rules_text
from s4desk.viewmodels.lifecycle_scope_text import refuse_scope
from s4desk.viewmodels.lifecycle_subject import RulesOf
from s4desk.viewmodels.lifecycle_summary import rules_in
from s4desk.viewmodels.lock_default_text import refuse_far
from s4desk.viewmodels.lock_out_text import shut_out_sentence, unread_text, word_text

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.bucket_config import BucketDocument
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.configuration import ConfigReport
    from s4desk.core.store.protocol import Store
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.lifecycle_previewing import LifecyclePreviewing
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.dialogs.bucket_config.page import ConfigPage
    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.config_draft import ConfigDraft
    from s4desk.viewmodels.config_policy import Template
    from s4desk.viewmodels.lifecycle_form_limits import RuleLimits

READS_IN_FLIGHT = 4


class Configuring:
    """Opens the configuration of one bucket."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        icons: Icons,
        previewing: LifecyclePreviewing,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._icons = icons
        self._previewing = previewing
        self._window = window

    async def show(
        self,
        connection: ConnectionId,
        bucket: str,
        page: ConfigKind = ConfigKind.VERSIONING,
        parent: QWidget | None = None,
    ) -> None:
        """Until the dialog is closed; of a group that of its first member."""
        home, there = self._desk.home_of(connection, bucket)
        report = self._desk.stores.report(home)
        lacks = {kind: lack_of(report, capability) for kind, capability in CAPABILITIES.items()}
        lacks = {kind: reason for kind, reason in lacks.items() if reason}
        dialog = BucketConfigDialog(there, self._icons, lacks, parent or self._window)
        asked = Address(connection, Location(bucket, ""))
        view = _View(self._desk, self._tasks, self._notices, self._previewing, dialog, asked)
        dialog.show_page(page)
        try:
            await accepted(dialog)
        finally:
            view.close()


class _View:
    """One dialog, from its opening to its end. What is being saved is saved all the same, and the
    window tells how that ended."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        previewing: LifecyclePreviewing,
        dialog: BucketConfigDialog,
        asked: Address,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._previewing = previewing
        self._dialog = dialog
        self._asked = asked
        self._connection, _ = desk.home_of(asked.connection, asked.location.bucket)
        self._room = asyncio.Semaphore(READS_IN_FLIGHT)
        self._is_closed = False
        self._reading: dict[ConfigKind, asyncio.Task[None]] = {}
        self._documents: dict[ConfigKind, BucketDocument | None] = {}
        dialog.page_opened.connect(self._open)

    def close(self) -> None:
        self._is_closed = True
        for task in self._reading.values():
            task.cancel()

    def _open(self, page: ConfigPage) -> None:
        buttons = page.buttons
        buttons.save_asked.connect(lambda: self._do(page, self._save(page)))
        buttons.remove_asked.connect(lambda: self._do(page, self._save(page, is_removal=True)))
        buttons.retry_asked.connect(lambda: self._read(page, page.draft.id))
        buttons.json_asked.connect(lambda: _copy(page, as_text(page.draft.wanted or {})))
        buttons.cli_asked.connect(lambda: _copy(page, self._command(page)))
        buttons.range_asked.connect(lambda each: self._do(page, self._insert_range(page, each)))
        if page.kind is ConfigKind.LIFECYCLE:
            buttons.preview_asked.connect(
                lambda wanted: self._do(page, self._preview(wanted or {}, page.draft))
            )
            buttons.let_preview()
        page.id_chosen.connect(lambda id: self._read(page, id))
        if page.ids is not None:
            page.ids.new_asked.connect(lambda: self._do(page, self._begin_new(page)))
        # What a probe did not find is only asked for when somebody wants to know.
        if page.state is PageState.UNREAD:
            self._read(page)

    async def _preview(self, rules: Mapping[str, Any], draft: ConfigDraft) -> None:
        """What rules as they are edited would do; those that the bucket has, if none was."""
        asked, show = self._asked, self._previewing.show
        place = Prefix(asked.location.bucket)
        if draft.is_edited:
            edited, unclear = lifecycle_of(rules), draft.unclear
            await show(
                *(asked.connection, place, edited, self._dialog),
                source=RulesOf.EDITED,
                unclear=unclear,
            )
        else:
            await show(asked.connection, place, parent=self._dialog)

    def _do(self, page: ConfigPage, deed: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(self._told(page, deed))

    async def _told(self, page: ConfigPage, deed: Coroutine[Any, Any, None]) -> None:
        try:
            await deed
        except (S4DeskError, OSError) as error:
            if self._is_closed:
                self._notices.fail(error)
            else:
                page.fail(error)

    # Reading

    def _read(self, page: ConfigPage, id: str = "") -> None:
        if (before := self._reading.get(page.kind)) is not None:
            before.cancel()
        page.show_reading()
        self._reading[page.kind] = self._tasks.start(self._look(page, id))

    async def _look(self, page: ConfigPage, id: str) -> None:
        """Show what the store has, or why it does not say."""
        try:
            async with self._room:
                await self._look_now(page, id)
        except NotSupportedError as error:
            page.show_lack(error)
        except (S4DeskError, OSError) as error:
            page.show_failure(error)

    async def _look_now(self, page: ConfigPage, id: str) -> None:
        store = await self._store()
        if page.ids is not None and not id:
            ids = await store.list_document_ids(self._bucket, page.kind)
            page.show_ids(ids)
            if not ids:
                return
            id = page.ids.current
        document = await store.get_document(self._bucket, page.kind, id=id)
        if page.kind is ConfigKind.POLICY:
            connection = self._desk.connections.get(self._connection)
            page.policy_context = await policy_context(store, connection, self._bucket)
        self._show(page, document, id)

    def _show(self, page: ConfigPage, document: BucketDocument | None, id: str) -> None:
        value = _value(document)
        self._documents[page.kind] = document
        if not self._is_closed:
            page.limits = self._rule_limits()
            page.show_value(value, id, is_set=is_set(document), document=document)

    # Saving

    async def _save(self, page: ConfigPage, *, is_removal: bool = False) -> None:
        """Ask, save, and tell how it ended; once more where somebody else was faster."""
        while await self._is_agreed(page, is_removal=is_removal):
            try:
                report = await self._write(page, is_removal=is_removal)
            except ConfigChangedError as error:
                if self._is_closed:
                    raise
                if not await self._is_mine_wanted(page, error.current):
                    return
            else:
                await self._end(page, report, is_removal=is_removal)
                return

    async def _is_agreed(self, page: ConfigPage, *, is_removal: bool) -> bool:
        draft, kind = page.draft, page.kind
        wanted = None if is_removal else draft.wanted
        before = self._documents.get(kind)
        if kind is ConfigKind.OBJECT_LOCK:
            refuse_far(draft.before or {}, wanted or {})
        known = {each: found for each, found in self._documents.items() if found is not None}
        after = _document(page, wanted, before)
        if kind is ConfigKind.LIFECYCLE:
            sent, there = rules_in(as_json(after)), rules_in(draft.before or {})
            refuse_scope(rules_in(wanted or {}), sent, there)
        opened = exposure_sentences(exposures(kind, before, after, known))
        shut_out = shut_out_sentence(kind, before, after, page.policy_context)
        question = SaveQuestion(
            title=save_title(kind),
            sentence=save_question(kind, self._bucket, is_removal=is_removal),
            changes=unified(draft.before, wanted),
            meaning=(
                change_sentences(draft.before, wanted)
                if kind is ConfigKind.LIFECYCLE
                else meaning(kind, wanted)
            ),
            warnings=[*filter(None, [shut_out]), *opened],
            word=self._bucket if opened or shut_out else "",
            word_text=word_text(self._bucket, is_shutting_out=bool(shut_out)),
            accept_text=tr("&Remove") if is_removal else "",
        )
        return await accepted(SaveDialog(question, self._dialog))

    async def _write(
        self, page: ConfigPage, *, is_removal: bool, insist: bool = False
    ) -> ConfigReport:
        page.set_busy(tr("It is being saved…"))
        before = self._documents.get(page.kind)
        wanted = None if is_removal else page.draft.wanted
        after = _document(page, wanted, before)
        store = await self._store()
        return await save(
            store, self._bucket, page.kind, before, after, id=page.draft.id, insist=insist
        )

    async def _is_mine_wanted(self, page: ConfigPage, theirs: BucketDocument | None) -> bool:
        """Show both; say whether mine is to be saved over theirs, after another look at it."""
        page.end_busy()
        draft, value = page.draft, _value(theirs)
        dialog = ConflictDialog(
            conflict_text(), unified(draft.before, value), draft.changes(), self._dialog
        )
        await accepted(dialog)
        if dialog.choice is Choice.THEIRS:
            self._show(page, theirs, draft.id)
        elif dialog.choice is Choice.MINE:
            self._documents[page.kind] = theirs
            page.move_onto(value)
        return dialog.choice is Choice.MINE

    async def _end(self, page: ConfigPage, report: ConfigReport, *, is_removal: bool) -> None:
        is_whole = report.outcome is WriteOutcome.WRITTEN
        if is_whole or report.outcome is WriteOutcome.INSISTED:
            sentence = saved_text(is_removal=is_removal, is_whole=is_whole, kind=page.kind)
            await self._tell_success(page, report, sentence, is_removal=is_removal)
            return
        if report.outcome is WriteOutcome.UNREAD:
            self._tell_unread(page, report, unread_text(is_removal=is_removal))
            return
        is_restored = report.outcome is WriteOutcome.RESTORED
        sentence = _lost(page, report, is_restored=is_restored)
        if self._is_closed:
            self._notices.warn(sentence)
            return
        if not is_restored:
            self._documents[page.kind] = report.found
            page.move_onto(_value(report.found))
        page.fail(sentence)
        if is_restored and await self._is_less_enough(sentence):
            insisted = await self._write(page, is_removal=is_removal, insist=True)
            await self._end(page, insisted, is_removal=is_removal)

    async def _tell_success(
        self, page: ConfigPage, report: ConfigReport, sentence: str, *, is_removal: bool
    ) -> None:
        if self._is_closed:
            self._notices.say(sentence)
            return
        self._show(page, report.found, page.draft.id)
        if is_removal and page.ids is not None:
            await self._look_now(page, "")
        page.outcome.say(sentence, is_success=report.outcome is WriteOutcome.WRITTEN)

    def _tell_unread(self, page: ConfigPage, report: ConfigReport, sentence: str) -> None:
        """It was written: what is shown is what holds now."""
        if self._is_closed:
            self._notices.warn(sentence)
            return
        self._show(page, report.found, page.draft.id)
        page.fail(sentence)

    async def _is_less_enough(self, sentence: str) -> bool:
        """Whether what the store keeps is to be saved all the same."""
        title, problem, offer = less_question()
        return await accepted(QuestionDialog(title, problem, sentence, offer, self._dialog))

    # What else is asked

    async def _begin_new(self, page: ConfigPage) -> None:
        if page.ids is None:
            return
        form = NewIdForm(page.ids.ids)
        dialog = FormDialog(form, tr("&Begin"), self._dialog)
        dialog.submitted.connect(dialog.accept)
        if await accepted(dialog):
            self._documents[page.kind] = None
            page.begin_new(form.id)

    async def _insert_range(self, page: ConfigPage, template: Template) -> None:
        form = RangeForm()
        dialog = FormDialog(form, tr("&Insert"), self._dialog)
        dialog.submitted.connect(dialog.accept)
        if await accepted(dialog):
            value = with_template(page.draft.value, template, self._bucket, form.addresses)
            page.replace(value)

    def _command(self, page: ConfigPage) -> str:
        connection = self._desk.connections.get(self._connection)
        endpoint = connection.endpoint if connection is not None else ""
        draft = page.draft
        return cli_command(page.kind, self._bucket, draft.wanted, id=draft.id, endpoint=endpoint)

    def _rule_limits(self) -> RuleLimits:
        """What of lifecycle rules this bucket and its store have, as far as that is known."""
        report = self._desk.stores.report(self._connection)
        connection = self._desk.connections.get(self._connection)
        versioning = self._documents.get(ConfigKind.VERSIONING)
        is_known = ConfigKind.VERSIONING in self._documents
        has_versions = not is_known or bool(as_json(versioning).get("Status"))
        return limits_of(provider_of(connection), report, has_versions=has_versions)

    async def _store(self) -> Store:
        return await self._desk.home_store(self._asked.connection)

    @property
    def _bucket(self) -> str:
        return self._dialog.bucket


def _value(document: BucketDocument | None) -> dict[str, Any] | None:
    return as_json(document) or None


def _document(
    page: ConfigPage, wanted: dict[str, Any] | None, before: BucketDocument | None
) -> BucketDocument | None:
    """What is written for `wanted`; None deletes."""
    if wanted is None:
        return None
    return from_json(page.kind, wanted, before, id=page.draft.id)


def _lost(page: ConfigPage, report: ConfigReport, *, is_restored: bool) -> str:
    """What the store did not keep."""
    paths = [each.path for each in report.differences]
    if page.kind is ConfigKind.LIFECYCLE:
        found = as_json(report.found)
        return lost_rules_text(page.draft.wanted, found, paths, is_restored=is_restored)
    was_none = is_suspended(page.kind, as_json(report.before))
    return lost_text(paths, is_restored=is_restored, is_suspended=was_none)


def _copy(page: ConfigPage, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    page.outcome.say(tr("Copied."))
