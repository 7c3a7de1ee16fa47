"""What became of many locks, or would: as rows to read, and as a table for other programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import RetentionRefusedError
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.lock_text import lock_text
from s4desk.viewmodels.rows import display_name, format_count
from s4desk.viewmodels.spreadsheet import MARK, exact_cells, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.domain.lock import LockState
    from s4desk.core.transfer.locking import LockOutcome

COLUMNS = (
    "bucket",
    "key",
    "version",
    "outcome",
    "mode_before",
    "until_before",
    "hold_before",
    "mode",
    "until",
    "hold",
    "error",
    "names",
)
"""For programs, and therefore the same in every language."""


def whole_report(expected: Iterable[LockOutcome], done: Iterable[LockOutcome]) -> list[LockOutcome]:
    """Everything that was previewed, with what has become of it: what was refused or so already
    stays in it, and what was to be changed and was not reached says so."""
    became = {(each.location, each.version): each for each in done}
    return [
        became.get((each.location, each.version), replace(each, is_reached=not each.is_changed))
        for each in expected
    ]


def outcome_rows(outcomes: Iterable[LockOutcome], *, is_dry: bool) -> list[tuple[str, ...]]:
    """Key, version, the lock as it is or was, and what becomes of it: refusals first."""
    return [
        (
            display_name(each.location.key),
            display_name(each.version or ""),
            "" if _is_unseen(each) else lock_text(_before(each)),
            _what(each, is_dry=is_dry),
        )
        for each in sorted(outcomes, key=_rank)
    ]


def counts_text(outcomes: Sequence[LockOutcome], *, is_dry: bool) -> str:
    """How many change, stay, and cannot be changed."""
    counts = Counter(map(_kind, outcomes))
    changed, same, failed = counts["changed"], counts["unchanged"], counts["failed"]
    if is_dry:
        first = tr_n("{count} lock would change", "{count} locks would change", changed)
    else:
        first = tr_n("{count} lock changed", "{count} locks changed", changed)
    parts = [first.format(count=format_count(changed))]
    if same:
        sentence = tr_n("{count} is so already", "{count} are so already", same)
        parts.append(sentence.format(count=format_count(same)))
    if failed:
        sentence = (
            tr_n("{count} would be refused", "{count} would be refused", failed)
            if is_dry
            else tr_n("{count} could not be changed", "{count} could not be changed", failed)
        )
        parts.append(sentence.format(count=format_count(failed)))
    if left := counts["not reached"]:
        sentence = tr_n("{count} was not reached", "{count} were not reached", left)
        parts.append(sentence.format(count=format_count(left)))
    told = tr("{list}.").format(list=", ".join(parts))
    return tr("Stopped. {told}").format(told=told) if left else told


def looked_at_text(count: int, *, is_dry: bool) -> str:
    """While it goes on."""
    if is_dry:
        sentence = tr_n("{count} lock looked at…", "{count} locks looked at…", count)
    else:
        sentence = tr_n("{count} lock set or left…", "{count} locks set or left…", count)
    return sentence.format(count=format_count(count))


def report(outcomes: Iterable[LockOutcome]) -> bytes:
    """One line for each version below the names of the columns, with the mark of UTF-8."""
    return MARK + rows_of([COLUMNS, *map(_line, outcomes)])


def _line(outcome: LockOutcome) -> list[str]:
    location, error = outcome.location, outcome.error
    (bucket, key), names = exact_cells([location.bucket, location.key])
    (said,), _ = exact_cells([describe(error) if error is not None else ""])
    is_as_it_was = error is not None or not outcome.is_reached
    after = _before(outcome) if is_as_it_was else outcome.after
    return [
        bucket,
        key,
        outcome.version or "",
        _kind(outcome),
        *_cells(_before(outcome)),
        *_cells(after),
        said,
        names,
    ]


def _cells(lock: LockState) -> list[str]:
    until = lock.retain_until.isoformat() if lock.retain_until is not None else ""
    hold = "" if lock.legal_hold is None else ("on" if lock.legal_hold else "off")
    return [lock.mode or "", until, hold]


def _before(outcome: LockOutcome) -> LockState:
    """A refusal knows the lock that was looked at."""
    error = outcome.error
    return error.lock if isinstance(error, RetentionRefusedError) else outcome.before


def _is_unseen(outcome: LockOutcome) -> bool:
    return outcome.error is not None and not isinstance(outcome.error, RetentionRefusedError)


def _kind(outcome: LockOutcome) -> str:
    if outcome.error is not None:
        return "failed"
    if not outcome.is_reached:
        return "not reached"
    return "changed" if outcome.is_changed else "unchanged"


_RANKS = {"failed": 0, "not reached": 1, "changed": 2, "unchanged": 3}


def _rank(outcome: LockOutcome) -> tuple[int, str]:
    return _RANKS[_kind(outcome)], outcome.location.key


def _what(outcome: LockOutcome, *, is_dry: bool) -> str:
    if outcome.error is not None:
        return describe(outcome.error)
    if not outcome.is_reached:
        return tr("not reached before it was stopped: as it was")
    if not outcome.is_changed:
        return tr("stays as it is")
    sentence = tr("would become: {lock}") if is_dry else tr("now: {lock}")
    return sentence.format(lock=lock_text(outcome.after))
