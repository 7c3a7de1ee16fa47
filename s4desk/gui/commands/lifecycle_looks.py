"""The two ways to look at what lifecycle rules do: at the bucket itself, and at a report of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.lifecycle.inventory import TELL_EVERY_S, open_inventory
from s4desk.core.lifecycle.question import Engine
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.lifecycle_form_limits import small_objects_note
from s4desk.viewmodels.lifecycle_inventory_text import (
    age_text,
    other_bucket_text,
    report_concern_text,
)
from s4desk.viewmodels.lifecycle_reason import concern_text, disagreement_text
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.lifecycle.candidates import Versioning
    from s4desk.core.domain.provider import Provider
    from s4desk.core.lifecycle.inventory import InventoryPreview, Source
    from s4desk.core.lifecycle.preview import Preview
    from s4desk.core.lifecycle.question import Question
    from s4desk.core.lifecycle.summary import Summary
    from s4desk.gui.bridge.tasks import GuiTasks

MOST_NOTES: Final = 200


class BucketLook:
    """The bucket is listed."""

    def __init__(self, preview: Preview, provider: Provider) -> None:
        self._preview = preview
        self._provider = provider

    @property
    def question(self) -> Question:
        return self._preview.question

    @property
    def summary(self) -> Summary:
        return self._preview.summary

    @property
    def versioning(self) -> Versioning:
        return self._preview.facts.versioning

    def notes(self) -> list[str]:
        """What this store may do otherwise than AWS, whose rules these are; warnings, what could
        not be asked, and where the store says something else."""
        preview, rules = self._preview, self.question.lifecycle.rules
        small = small_objects_note(self.question.lifecycle, self._provider)
        notes = [small] if small and self.question.engine is Engine.AWS else []
        notes += [concern_text(each, rules) for each in preview.concerns]
        failures = preview.asking.failures[:MOST_NOTES]
        notes += [f"{printable(each.key)}: {describe(each.error)}" for each in failures]
        different = preview.hints.disagreements[:MOST_NOTES]
        return notes + [f"{printable(each.key)}: {disagreement_text(each)}" for each in different]


class ReportLook:
    """A report is asked, which was counted already."""

    def __init__(self, looking: InventoryPreview, bucket: str, provider: Provider) -> None:
        self.looking = looking
        self._bucket = bucket
        self._provider = provider

    @property
    def question(self) -> Question:
        return self.looking.question

    @property
    def summary(self) -> Summary:
        return self.looking.summary

    @property
    def versioning(self) -> Versioning:
        return self.looking.versioning

    @property
    def other(self) -> str:
        """That the report is of another bucket than one has asked about; empty if it is not."""
        if not self.looking.is_of_another(self._bucket):
            return ""
        return other_bucket_text(self.looking.bucket, self._bucket)

    def age(self) -> str:
        return age_text(self.looking.created, self.looking.newest)

    def notes(self) -> list[str]:
        rules = self.question.lifecycle.rules
        small = small_objects_note(self.question.lifecycle, self._provider)
        notes = [small] if small and self.question.engine is Engine.AWS else []
        return notes + [report_concern_text(each, rules) for each in self.looking.concerns]


class OpenReport:
    """A report that stays open, its database on disk, until it is closed. Whoever asks it
    something holds `lock` meanwhile."""

    def __init__(self, tasks: GuiTasks, sources: Sequence[Source], question: Question) -> None:
        self.lock = asyncio.Lock()
        self._opened: asyncio.Future[InventoryPreview] = asyncio.get_running_loop().create_future()
        self._fetched = 0
        self._task = tasks.start(self._hold(sources, question))

    @property
    def is_open(self) -> bool:
        return self._opened.done() and not self._opened.cancelled() and not self._task.done()

    async def opened(self, tell: Callable[[int], None]) -> InventoryPreview:
        """Wait until it can be asked; `tell` is told how many bytes have come from a bucket.

        Raises InventoryError, StoreError, LocalFileError.
        """
        while not self._opened.done():
            await asyncio.wait([self._opened], timeout=TELL_EVERY_S)
            tell(self._fetched)
        return self._opened.result()

    def close(self) -> None:
        """What is being asked of it ends."""
        self._task.cancel()

    async def _hold(self, sources: Sequence[Source], question: Question) -> None:
        try:
            async with open_inventory(sources, question, self._moved) as looking:
                self._opened.set_result(looking)
                await asyncio.Event().wait()
        except S4DeskError as error:
            self._opened.set_exception(error)
            self._opened.exception()  # whoever waited may be gone
        finally:
            self._opened.cancel()

    def _moved(self, count: int) -> None:
        self._fetched += count
