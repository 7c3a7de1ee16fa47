"""What an application of lifecycle rules has done, while it goes on and afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.errors import StoreError
from s4desk.core.domain.lifecycle.decisions import Action, Skipped
from s4desk.core.domain.past_change import ChangeKind, PastChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.lifecycle.findings import Finding
    from s4desk.core.lifecycle.plan import Plan

LISTED: Final = 10_000
"""So many that were not done are kept in memory with their reasons; the journal has all."""


class Outcome(StrEnum):
    """What became of something that was planned."""

    DONE = "done"
    LOCKED = "locked"
    REPLICATION_PENDING = "replication_pending"
    CHANGED = "changed"
    """It is not what was evaluated any more, so it stays."""
    GONE = "gone"
    NEEDED = "needed"
    """A transfer of ours still needs the upload."""
    REPLACES = "replaces_null_version"
    """Where versioning is suspended its copy would destroy a version that no rule is about."""
    HIDDEN = "versions_hidden"
    """The same may be so: its other versions may not be listed."""
    VERSIONING = "versioning_changed"
    """The bucket does not keep versions as it did when it was planned, or as it said."""
    IMPOSSIBLE = "impossible"
    """No client can do it: only the store moves a noncurrent version to another class."""
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    """The object was moved, and the store did not keep all that belongs to it, or does not tell."""
    MIXED = "mixed"
    """Somebody wrote it while it was copied, and the store did not look: what belonged to the old
    content is at the new one."""
    IN_DOUBT = "in_doubt"
    """It was sent, and nobody heard what became of it."""


FAILURES: Final = (Outcome.FAILED, Outcome.INCOMPLETE, Outcome.MIXED)
HELD: Final = {
    Skipped.LOCKED: Outcome.LOCKED,
    Skipped.REPLICATION_PENDING: Outcome.REPLICATION_PENDING,
    Skipped.REPLACES: Outcome.REPLACES,
}


class RunState(StrEnum):
    """How far an application is. GIVEN_UP: it was pointless to go on, `bucket_errors` say why.
    CUT_OFF: its process ended amid it."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    GIVEN_UP = "given_up"
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one finding; `code` and `detail` are the store's words, if it refused."""

    found: Finding
    outcome: Outcome
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotDone:
    """Something that was planned and not done."""

    bucket: str
    key: str
    version: str
    action: Action
    outcome: Outcome
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one thing that rules are about. `size` is in bytes, None where nobody noted
    it; no `action` is known of what did not say what decides about it."""

    bucket: str
    key: str
    version: str
    action: Action | None
    outcome: Outcome
    size: int | None = None
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What was done, per bucket and action, and what was not.

    `evaluated` counts the versions, markers and uploads that rules were asked about, `planned` what
    a person agreed to. `left` counts what was not done, by outcome, with what the plans had `kept`
    back themselves; `not_done` lists the others, the first LISTED. `bucket_errors` are why buckets
    were given up. `in_doubt` was sent by a process that ended before it heard of it. `moment` is
    the one from which the rules were asked what is due.
    """

    state: RunState = RunState.RUNNING
    started: datetime | None = None
    ended: datetime | None = None
    buckets: Sequence[str] = ()
    planned: int = 0
    evaluated: int = 0
    done: Mapping[tuple[str, Action], int] = field(default_factory=dict)
    sizes: Mapping[tuple[str, Action], int] = field(default_factory=dict)
    left: Mapping[tuple[str, Outcome], int] = field(default_factory=dict)
    not_done: Sequence[NotDone] = ()
    bucket_errors: Mapping[str, str] = field(default_factory=dict)
    in_doubt: int = 0
    kept: int = 0
    moment: datetime | None = None

    def count(self, *actions: Action) -> int:
        """How often these were carried out, in all buckets."""
        return sum(count for (_, action), count in self.done.items() if action in actions)

    def count_left(self, *outcomes: Outcome) -> int:
        """How many were left for these reasons, in all buckets."""
        return sum(count for (_, outcome), count in self.left.items() if outcome in outcomes)

    @property
    def tried(self) -> int:
        """How many of the planned are settled, whatever became of them."""
        return sum(self.done.values()) + sum(self.left.values()) - self.kept

    @property
    def errors(self) -> int:
        return self.count_left(*FAILURES) + len(self.bucket_errors)

    @property
    def unknown(self) -> int:
        """Of how many nobody knows whether they are done."""
        return self.in_doubt + self.count_left(Outcome.IN_DOUBT)

    @property
    def counters(self) -> Mapping[str, int]:
        """The totals that SPEC.md names."""
        return {
            "buckets_scanned": len(self.buckets),
            "objects_evaluated": self.evaluated,
            "expired": self.count(Action.EXPIRE),
            "transitioned": self.count(Action.TRANSITION),
            "noncurrent_expired": self.count(Action.EXPIRE_NONCURRENT),
            "delete_markers_removed": self.count(Action.REMOVE_DELETE_MARKER),
            "aborted_uploads": self.count(Action.ABORT_UPLOAD),
            "skipped_locked": self.count_left(Outcome.LOCKED),
            "skipped_replication": self.count_left(Outcome.REPLICATION_PENDING),
            "changed_since": self.count_left(Outcome.CHANGED, Outcome.GONE, Outcome.VERSIONING),
            "not_possible": self.count_left(
                Outcome.IMPOSSIBLE, Outcome.NEEDED, Outcome.REPLACES, Outcome.HIDDEN
            ),
            "errors": self.errors,
            "in_doubt": self.unknown,
        }


class Tally:
    """Counts while an application goes on."""

    def __init__(self, started: datetime | None = None) -> None:
        self.state = RunState.RUNNING
        self.ended: datetime | None = None
        self.in_doubt = 0
        self.bucket_errors: dict[str, str] = {}
        self._started = started
        self._moment: datetime | None = None
        self._buckets: list[str] = []
        self._planned = self._evaluated = self._kept = 0
        self._done: Counter[tuple[str, Action]] = Counter()
        self._sizes: Counter[tuple[str, Action]] = Counter()
        self._left: Counter[tuple[str, Outcome]] = Counter()
        self._not_done: list[NotDone] = []

    def begin(
        self,
        bucket: str,
        planned: int,
        evaluated: int,
        skipped: Mapping[Skipped, int],
        errors: int = 0,
        moment: datetime | None = None,
    ) -> None:
        """Another bucket, with what its plan says; what a plan skips is left, and so are the
        objects of which it learned nothing."""
        self._moment = self._moment or moment
        self._buckets.append(bucket)
        self._planned += planned
        self._kept += sum(skipped.values()) + errors
        self._evaluated += evaluated
        if errors:
            self._left[bucket, Outcome.FAILED] += errors
        for why, count in skipped.items():
            self._left[bucket, HELD[why]] += count

    def add_done(self, bucket: str, action: Action, count: int, size: int) -> None:
        """`size` is in bytes."""
        if count:
            self._done[bucket, action] += count
            self._sizes[bucket, action] += size

    def add_left(self, left: NotDone) -> None:
        self._left[left.bucket, left.outcome] += 1
        if len(self._not_done) < LISTED:
            self._not_done.append(left)

    def add(self, bucket: str, action: Action, results: Sequence[Result]) -> None:
        """What became of some findings of one action."""
        done = [each.found.size for each in results if each.outcome is Outcome.DONE]
        self.add_done(bucket, action, len(done), sum(done))
        for each in results:
            if each.outcome is not Outcome.DONE:
                self.add_left(not_done(bucket, action, each))

    @property
    def report(self) -> ApplyReport:
        """As it is now."""
        return ApplyReport(
            self.state,
            self._started,
            self.ended,
            tuple(self._buckets),
            self._planned,
            self._evaluated,
            dict(self._done),
            dict(self._sizes),
            dict(self._left),
            tuple(self._not_done),
            dict(self.bucket_errors),
            self.in_doubt,
            self._kept,
            self._moment,
        )


def changes_of(report: ApplyReport, connection: ConnectionId) -> list[PastChange]:
    """What the history is told of a run that has ended, a line for each bucket."""
    changes = []
    for bucket in report.buckets:
        done = sum(count for (each, _), count in report.done.items() if each == bucket)
        wrong = sum(report.left.get((bucket, each), 0) for each in FAILURES)
        doubtful = report.left.get((bucket, Outcome.IN_DOUBT), 0)
        changes.append(
            PastChange(
                *(ChangeKind.LIFECYCLE, connection, bucket, "", done),
                failed=wrong + (bucket in report.bucket_errors),
                doubtful=doubtful,
            )
        )
    return changes


def kept_back(plan: Plan) -> Iterator[Settled]:
    """What a plan leaves alone already: what is held back, and, as far as they are listed, the
    objects that did not say what decides about them."""
    for at, key in enumerate(plan.held.keys):
        decision = plan.held.decisions[at]
        outcome = HELD[decision.skipped or Skipped.LOCKED]
        version, size = plan.held.versions[at], plan.held.sizes[at]
        yield Settled(plan.bucket, key, version, decision.step.action, outcome, size)
    for each in plan.failures:
        error = each.error
        code = error.code or type(error).__name__
        words = (None, Outcome.FAILED, None, code, error.detail)
        yield Settled(plan.bucket, each.key, each.version, *words)


def failed(found: Finding, error: S4DeskError) -> Result:
    code = error.code if isinstance(error, StoreError) else ""
    detail = error.detail if isinstance(error, StoreError) else str(error)
    return Result(found, Outcome.FAILED, code or type(error).__name__, detail)


def unheard(found: Finding, error: S4DeskError) -> Result:
    """What became of something that was sent, where nobody could look afterwards: a store that does
    not answer may have done it."""
    result = failed(found, error)
    is_open = isinstance(error, StoreError) and error.retryable
    return replace(result, outcome=Outcome.IN_DOUBT) if is_open else result


def not_done(bucket: str, action: Action, result: Result) -> NotDone:
    found = result.found
    return NotDone(
        bucket, found.key, found.version, action, result.outcome, result.code, result.detail
    )


class RunJournal(Protocol):
    """Where an application writes what it does, before it does it: whatever ends the process, what
    was done can be read, and of how much nobody knows."""

    async def begin(self, plan: Plan) -> None:
        """A bucket comes, with its plan."""

    async def sent(self, bucket: str, action: Action, found: Sequence[Finding]) -> int:
        """These are about to be sent; the number by which `settled` names them."""

    async def settled(
        self, bucket: str, action: Action, results: Sequence[Result], number: int | None = None
    ) -> None:
        """What became of some."""

    async def end(self, report: ApplyReport) -> None:
        """All is done, or stopped."""


class NoJournal:
    """For who wants none."""

    async def begin(self, plan: Plan) -> None: ...

    async def sent(self, bucket: str, action: Action, found: Sequence[Finding]) -> int:
        return 0

    async def settled(
        self, bucket: str, action: Action, results: Sequence[Result], number: int | None = None
    ) -> None: ...

    async def end(self, report: ApplyReport) -> None: ...
