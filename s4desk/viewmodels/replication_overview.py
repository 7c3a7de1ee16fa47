"""All replication rules in a table: who runs each, how it is, and how it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.service import Running
from s4desk.core.runtime.i18n import decimal_mark, tr, tr_n
from s4desk.viewmodels.inspector import Fact
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.replication_rule_text import connection_text, destination_text
from s4desk.viewmodels.rows import (
    format_count,
    format_duration,
    format_moment,
    format_size,
    format_speed,
    object_label,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.engine import Look
    from s4desk.core.replication.table import Known, Source

    NameOf = Callable[[ConnectionId], str]

TENTHS_S: Final = 10.0
"""Below that a lag is said to the tenth of a second."""
_ARN: Final = "arn:aws:s3:::"


class RuleId(NamedTuple):
    """A rule of a bucket: ours, or one that its store carries out."""

    source: Source
    rule: str
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class StoresRule:
    """A rule of the store's own replication, as far as a table says it."""

    id: str
    destination: str
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class Going:
    """How one rule of ours goes. `oldest` is since when something waits, in UTC; the rest is since
    the engine began here. `reason` is why nothing can be carried just now."""

    counts: Mapping[Status, int] = field(default_factory=dict)
    oldest: datetime | None = None
    objects_s: float = 0.0
    bytes_s: float = 0.0
    lags: tuple[float, float] | None = None
    completed: int = 0
    bytes: int = 0
    attempts: int = 0
    dropped: int = 0
    locks_left: int = 0
    look: Look | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """What a rule shows in the table; `has_failed` offers to try that again."""

    id: RuleId
    cells: Sequence[str]
    has_failed: bool = False
    is_on: bool = False


def overview_titles() -> tuple[str, ...]:
    return (
        tr("Bucket"),
        tr("Rule"),
        tr("Run by"),
        tr("Destination"),
        tr("State"),
        tr("Pending"),
        tr("Completed"),
        tr("Failed"),
    )


def our_row(
    source: Source, rule: Rule, going: Going, running: Running, name_of: NameOf
) -> OverviewRow:
    cells = (
        bucket_text(source, name_of),
        printable(rule.id),
        tr("s4desk"),
        printable(destination_text(rule.destination, name_of)),
        state_text(rule, going, running),
        *(
            format_count(going.counts.get(status, 0))
            for status in (Status.PENDING, Status.COMPLETED, Status.FAILED)
        ),
    )
    has_failed = going.counts.get(Status.FAILED, 0) > 0
    return OverviewRow(RuleId(source, rule.id), cells, has_failed, rule.is_enabled)


def stores_row(source: Source, rule: StoresRule, name_of: NameOf) -> OverviewRow:
    """The store tells of single objects alone, so nothing is counted."""
    state = tr("On") if rule.is_enabled else tr("Off")
    cells = (
        bucket_text(source, name_of),
        printable(rule.id) or tr("(without an id)"),
        tr("The store"),
        printable(rule.destination),
        state,
        *("–" for _ in range(3)),
    )
    return OverviewRow(RuleId(source, rule.id, is_ours=False), cells)


def stores_rules_of(config: Mapping[str, Any] | None) -> list[StoresRule]:
    """The rules of a PutBucketReplication configuration."""
    found = []
    for each in (config or {}).get("Rules", ()):
        bucket = str(each.get("Destination", {}).get("Bucket", "")).removeprefix(_ARN)
        is_enabled = each.get("Status") == "Enabled"
        found.append(StoresRule(str(each.get("ID", "")), bucket, is_enabled))
    return found


def bucket_text(source: Source, name_of: NameOf) -> str:
    """As verbs take it."""
    return printable(f"{connection_text(source.connection, name_of)}:{source.bucket}")


def state_text(rule: Rule, going: Going, running: Running) -> str:
    """How it is with one rule of ours."""
    if not rule.is_enabled:
        return tr("Off")
    if running is not Running.ON:
        return {
            Running.OFF: tr("Not started yet"),
            Running.PAUSED: tr("Paused"),
            Running.ELSEWHERE: tr("In another process"),
            Running.BROKEN: tr("Stopped"),
        }[running]
    if going.reason:
        return tr("Waits: {reason}").format(reason=going.reason)
    return tr("Replicating") if going.counts.get(Status.PENDING, 0) else _rest_text(going)


def _rest_text(going: Going) -> str:
    """Where nothing waits."""
    if going.look is not None and going.look.is_running:
        return tr("Looking")
    if going.look is not None and going.look.error:
        return tr("Cannot look")
    return tr("Has failures") if going.counts.get(Status.FAILED, 0) else tr("Up to date")


def running_text(running: Running, error: str, buckets: int) -> str:
    """How it is with replication as a whole; `error` is why it is broken."""
    if not buckets:
        return tr("No bucket has rules so far: choose a bucket and add some.")
    if running is Running.BROKEN:
        return tr("Replication has stopped. {reason}").format(reason=error).rstrip()
    if running is Running.ON:
        said = tr_n(
            "s4desk replicates {count} bucket while it is open.",
            "s4desk replicates {count} buckets while it is open.",
            buckets,
        )
        return said.format(count=format_count(buckets))
    return {
        Running.OFF: tr("Nothing is replicated: no rule is on."),
        Running.PAUSED: tr(
            "Paused: nothing is replicated until it is resumed, or s4desk restarts."
        ),
        Running.ELSEWHERE: tr(
            "Another process of s4desk replicates. How fast that goes is known there alone."
        ),
    }[running]


def looking_text(running: Running, bucket: str) -> str:
    """What becomes of it when a bucket is to be compared with its destinations."""
    said = {
        Running.ON: tr(
            "“{bucket}” is compared with its destinations: what is missing or different there is"
            " replicated."
        ),
        Running.PAUSED: tr(
            "“{bucket}” is compared with its destinations: what is missing or different there is"
            " noted, and waits until you resume."
        ),
        Running.ELSEWHERE: tr("Another process of s4desk replicates: this one cannot do it."),
        Running.OFF: tr("Nothing is replicated here now: no rule is on, or it begins just now."),
        Running.BROKEN: tr("Nothing is replicated here now: replication has stopped."),
    }[running]
    return said.format(bucket=bucket)


def going_facts(going: Going, running: Running, now: datetime) -> list[Fact]:
    """Everything about one rule of ours that is no column of the table."""
    facts = [Fact(tr("Pending since"), _oldest_text(going, now))]
    if running in (Running.ON, Running.PAUSED):
        facts += [
            Fact(tr("Speed"), _speed_text(going)),
            Fact(tr("Lag"), _lags_text(going)),
            Fact(tr("Since the start"), _sum_text(going)),
            Fact(tr("Given up"), format_count(going.dropped)),
            Fact(tr("Locks left behind"), format_count(going.locks_left)),
        ]
    if going.look is not None:
        facts.append(Fact(tr("Last look"), look_text(going.look)))
    return [each for each in facts if each.value]


def lag_text(seconds: float) -> str:
    if seconds < TENTHS_S:
        return tr("{seconds} s").format(seconds=_tenths(seconds))
    return format_duration(seconds)


def look_text(look: Look) -> str:
    """What came of looking at a bucket, or how far that is."""
    counted = tr_n("{count} listed", "{count} listed", look.looked.listed)
    listed = counted.format(count=format_count(look.looked.listed))
    if look.is_running:
        return tr("under way: {listed}").format(listed=listed)
    parts = []
    if look.at is not None:
        new = tr_n("{count} new", "{count} new", look.looked.found)
        gone = tr_n("{count} gone", "{count} gone", look.looked.gone)
        said = tr("{time}: {listed}, {new}, {gone}")
        parts.append(
            said.format(
                time=format_moment(look.at.replace(microsecond=0)),
                listed=listed,
                new=new.format(count=format_count(look.looked.found)),
                gone=gone.format(count=format_count(look.looked.gone)),
            )
        )
    if look.error:
        parts.append(tr("Not since: {error}").format(error=look.error))
    return " ".join(parts)


def error_titles() -> tuple[str, ...]:
    return tr("Key"), tr("When"), tr("Attempts"), tr("Error")


def error_rows(failed: Sequence[Known]) -> list[tuple[str, ...]]:
    """What failed, the newest first."""
    return [
        (
            object_label(each.task.write.key),
            format_moment(each.entry.recorded_at.replace(microsecond=0)),
            format_count(each.entry.attempts),
            each.entry.error,
        )
        for each in failed
    ]


def retried_text(count: int) -> str:
    said = tr_n("{count} object is tried again.", "{count} objects are tried again.", count)
    return said.format(count=format_count(count))


def _tenths(number: float) -> str:
    return f"{number:.1f}".replace(".", decimal_mark())


def _oldest_text(going: Going, now: datetime) -> str:
    if going.oldest is None:
        return tr("nothing waits")
    age = format_duration(max(0.0, (now - going.oldest).total_seconds()))
    moment = format_moment(going.oldest.replace(microsecond=0))
    return tr("{time}, {age} ago").format(time=moment, age=age)


def _speed_text(going: Going) -> str:
    objects = _tenths(going.objects_s) if going.objects_s < 100 else f"{going.objects_s:.0f}"
    return tr("{count} objects/s, {speed}").format(count=objects, speed=format_speed(going.bytes_s))


def _lags_text(going: Going) -> str:
    if going.lags is None:
        return ""
    half, most = going.lags
    said = tr("half within {half} (p50), 99 % within {most} (p99)")
    return said.format(half=lag_text(half), most=lag_text(most))


def _sum_text(going: Going) -> str:
    counted = tr_n("{count} replicated", "{count} replicated", going.completed)
    attempts = tr_n("{count} attempt", "{count} attempts", going.attempts)
    return tr("{objects}, {size}, {attempts}").format(
        objects=counted.format(count=format_count(going.completed)),
        size=format_size(going.bytes),
        attempts=attempts.format(count=format_count(going.attempts)),
    )
