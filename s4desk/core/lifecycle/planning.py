"""Makes the plan of a bucket: a look at all of it, of which what is due is kept."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Prefix
from s4desk.core.lifecycle.plan import Plan, PlanDraft
from s4desk.core.lifecycle.preview import Preview, unknown_rules
from s4desk.core.lifecycle.question import Engine, Question, understood
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.lifecycle.asking import Asking
    from s4desk.core.lifecycle.awaited import Awaited
    from s4desk.core.lifecycle.summary import Summary
    from s4desk.core.store.protocol import Store


class Planning:
    """One look. `summary` may be read meanwhile."""

    def __init__(
        self,
        store: Store,
        bucket: str,
        lifecycle: Lifecycle,
        now: datetime,
        engine: Engine = Engine.FIRST_MATCH,
        awaited: Awaited | None = None,
    ) -> None:
        self._bucket = bucket
        self._lifecycle = lifecycle
        self._now = now
        self._engine = engine
        question = Question(understood(lifecycle), now, 0, engine)
        self._preview = Preview(store, Prefix(bucket), question, awaited, is_ours=True)
        self._preview.concerns += unknown_rules(lifecycle)

    @property
    def summary(self) -> Summary:
        return self._preview.summary

    @property
    def asking(self) -> Asking:
        """What became of the questions about single objects."""
        return self._preview.asking

    async def plan(self) -> Plan:
        """Raises StoreError where the bucket cannot be listed."""
        draft, preview = PlanDraft(), self._preview
        async with aclosing(preview.batches()) as batches:
            async for batch in batches:
                # What did not say all that decides about it is not touched.
                failed = preview.asking.failed
                rows = (row for row, key in enumerate(batch.keys) if key not in failed)
                await in_thread(draft.take, (batch[row] for row in rows))
        summary = preview.summary
        plan = Plan(
            self._bucket,
            self._lifecycle,
            self._now,
            draft.findings,
            preview.facts.versioning,
            summary.seen.objects + summary.uploads,
            dict(draft.skipped),
            preview.is_whole,
            tuple(preview.concerns),
            preview.asking.errors,
            draft.held,
            tuple(preview.asking.failures),
            self._engine,
            preview.asking.has_tags,
        )
        await in_thread(lambda: (plan.counts, plan.kept, plan.classes))
        return plan
