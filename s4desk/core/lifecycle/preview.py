"""What lifecycle rules will do to a bucket: everything in it is looked at, nothing is changed."""

from __future__ import annotations

from contextlib import aclosing
from math import nan
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    MalformedReplyError,
    NotSupportedError,
    PermissionDeniedError,
    StoreError,
)
from s4desk.core.domain.lifecycle.calendar import WHOLE_DAYS
from s4desk.core.domain.lifecycle.candidates import UploadCandidate, Versioning
from s4desk.core.domain.lifecycle.decisions import Event
from s4desk.core.domain.lifecycle.likeness import Matcher
from s4desk.core.lifecycle.asking import Asking
from s4desk.core.lifecycle.bucket_facts import BucketFacts, read_facts
from s4desk.core.lifecycle.collecting import Collector
from s4desk.core.lifecycle.concerns import Concern, Doubt
from s4desk.core.lifecycle.findings import Finding, Findings
from s4desk.core.lifecycle.hint_checking import HintChecking
from s4desk.core.lifecycle.judging import Judge
from s4desk.core.lifecycle.question import Engine
from s4desk.core.lifecycle.sifting import Sieve
from s4desk.core.lifecycle.summary import Summary
from s4desk.core.lifecycle.version_pages import version_pages
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.selection import pages_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.lifecycle.evaluator import Evaluator
    from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule
    from s4desk.core.domain.objects import Page, Upload
    from s4desk.core.lifecycle.awaited import Awaited
    from s4desk.core.lifecycle.question import Question
    from s4desk.core.store.protocol import Store

BATCH: Final = 1000


class Preview:
    """One look at a bucket, or at what lies below a prefix. Runs once.

    `summary`, `concerns`, `asking` and `hints` may be read at any time, on the loop; they are whole
    when `batches` has ended. `is_whole` says that everything was looked at.
    """

    def __init__(
        self,
        store: Store,
        prefix: Prefix,
        question: Question,
        awaited: Awaited | None = None,
        *,
        is_ours: bool = False,
    ) -> None:
        """What is `awaited` is left alone by s4desk, which acts if `is_ours` or the engine is its
        own; a store knows nothing of that."""
        self.question = question
        self.prefix = prefix
        self.facts = BucketFacts()
        self.is_whole = False
        self.concerns = unknown_rules(question.lifecycle)
        self.summary = Summary(question.rounding, question.days)
        self.asking = Asking(store, prefix.bucket)
        self.hints = HintChecking(self.asking, question)
        self._store = store
        self._awaited = awaited
        self._is_ours = is_ours or question.engine is Engine.FIRST_MATCH

    async def batches(self) -> AsyncGenerator[Findings, None]:
        """What happens, in the order of keys, uploads last; a batch may be empty.

        Raises StoreError where the bucket cannot be listed. Close it when it is left early.
        """
        self.facts = await read_facts(self._store, self.prefix.bucket)
        self.concerns += self.facts.concerns
        self.asking.may_be_locked = self.facts.may_be_locked
        try:
            async with aclosing(self._versions()) as batches:
                async for batch in batches:
                    yield batch
            self.is_whole = True
        except MalformedReplyError as error:
            self.concerns.append(Concern(Doubt.BROKEN_LISTING, error))
        if any(rule.is_enabled and rule.abort_days is not None for rule in self._rules):
            async for batch in self._uploads():
                yield batch
        if not self.asking.has_tags:
            self.concerns.append(Concern(Doubt.NO_TAGS))
        if self.asking.hides_locks:
            self.concerns.append(Concern(Doubt.HIDDEN_LOCKS))
        await self.hints.look_at_samples()

    @property
    def _rules(self) -> Sequence[Rule]:
        return self.question.lifecycle.rules

    async def _versions(self) -> AsyncGenerator[Findings, None]:
        question, facts = self.question, self.facts
        matcher = Matcher(question.lifecycle)
        evaluator = question.evaluator(facts.versioning)
        self.hints.begin(evaluator, matcher)
        judge = Judge(
            evaluator,
            matcher,
            question.rounding,
            question.now,
            may_be_locked=facts.may_be_locked,
            may_be_replicating=facts.may_be_replicating,
        )
        sieve, awaited = Sieve(judge), await self._heeded()
        collector = Collector(self.summary, question.rounding)
        try:
            async with aclosing(self._pages()) as pages:
                async for page, is_last in pages:
                    sifted = await in_thread(sieve.sift, page, is_last)
                    if awaited is not None and (keys := sifted.touched):
                        await in_thread(sieve.hold, sifted, await awaited.of(keys))
                    opened = sifted.open
                    self.asking.forget()
                    while opened:
                        await self.asking.ask(opened)
                        opened = await in_thread(sieve.judge_again, opened)
                    self.hints.note(sifted)
                    found = await in_thread(collector.collect, sifted)
                    if collector.is_due:
                        collector.flush()
                    yield found
        finally:
            collector.flush()

    async def _heeded(self) -> Awaited | None:
        """What has to be asked key by key, if anything is awaited."""
        if self._awaited is None or not await self._awaited.is_any():
            return None
        if not self._is_ours:
            self.concerns.append(Concern(Doubt.UNHEEDED_REPLICAS))
            return None
        return self._awaited

    async def _pages(self) -> AsyncGenerator[tuple[Page, bool], None]:
        """Versions where there are some. Who may not see old ones sees the current ones."""
        if self.facts.versioning is not Versioning.OFF:
            pages = version_pages(self._store, self.prefix)
            async with aclosing(pages):
                try:
                    first = await anext(pages)
                except (PermissionDeniedError, NotSupportedError) as error:
                    self.concerns.append(Concern(Doubt.VERSIONS, error))
                else:
                    yield first
                    async for page in pages:
                        yield page
                    return
        async with aclosing(pages_of(self._store, self.prefix)) as objects:
            async for found in objects:
                yield found, found.next_token is None

    async def _uploads(self) -> AsyncGenerator[Findings, None]:
        try:
            uploads = await self._store.list_uploads(self.prefix)
        except StoreError as error:
            self.concerns.append(Concern(Doubt.UPLOADS, error))
            return
        evaluator = self.question.evaluator(self.facts.versioning)
        for first in range(0, len(uploads), BATCH):
            some = uploads[first : first + BATCH]
            events = await in_thread(self._upload_events, evaluator, some)
            found = Findings()
            for upload, event in zip(some, events, strict=True):
                self.summary.add_upload(event)
                if event is not None:
                    found.add(_upload_finding(upload, event))
            yield found

    def _upload_events(self, evaluator: Evaluator, uploads: Sequence[Upload]) -> list[Event | None]:
        return [self._upload_event(evaluator, each) for each in uploads]

    def _upload_event(self, evaluator: Evaluator, upload: Upload) -> Event | None:
        """When it is aborted, if that is near enough."""
        candidate = UploadCandidate(upload.location.key, upload.upload, upload.initiated)
        steps = evaluator.upload_steps(candidate)
        if not steps:
            return None
        due = min(step.due for step in steps)
        day = WHOLE_DAYS.days_until(due, self.question.now)
        if day > self.question.days:
            return None
        decision = evaluator.decide_upload(candidate, self.question.run(day))
        return None if decision is None else Event(0, day, decision)


def unknown_rules(lifecycle: Lifecycle) -> list[Concern]:
    """The rules of which something is not understood."""
    return [
        Concern(Doubt.UNKNOWN_RULE, rule=at, names=rule.unknown)
        for at, rule in enumerate(lifecycle.rules)
        if rule.is_enabled and rule.unknown
    ]


def _upload_finding(upload: Upload, event: Event) -> Finding:
    return Finding(
        key=upload.location.key,
        version=upload.upload,
        etag="",
        size=0,
        storage_class=upload.storage_class,
        created=nan if upload.initiated is None else upload.initiated.timestamp(),
        day=event.day,
        due=event.decision.step.due.timestamp(),
        decision=event.decision,
    )
