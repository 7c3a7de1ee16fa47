"""What lifecycle rules will do, as a table for other programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Final

from s4desk.viewmodels.lifecycle_reason import reason_text, rule_name
from s4desk.viewmodels.lifecycle_records import then_records
from s4desk.viewmodels.spreadsheet import MARK, exact_cells, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from s4desk.core.domain.lifecycle.rules import Rule
    from s4desk.core.lifecycle.findings import Finding, Findings
    from s4desk.viewmodels.lifecycle_sheet import Sieve

COLUMNS: Final = (
    "key",
    "version_id",
    "action",
    "skipped",
    "storage_class",
    "rule",
    "due",
    "size",
    "created",
    "reason",
    "then",
    "names",
)
"""For programs, and therefore the same in every language. `storage_class` is that of a transition,
`then` what comes after it, as `lifecycle preview --json` says it.
`names` says whether key and rule stand here exactly."""
_ROWS: Final = 10_000


def findings_report(found: Findings, rules: Sequence[Rule], rows: Sequence[int]) -> Iterator[bytes]:
    """The table in pieces: a line for each of the findings in `rows`."""
    yield MARK + rows_of([COLUMNS])
    yield from _lines(found, rules, rows)


def report_of_all(
    batches: Iterable[Findings], rules: Sequence[Rule], sieve: Sieve
) -> Iterator[bytes]:
    """The table of all findings that come and are let through."""
    yield MARK + rows_of([COLUMNS])
    for found in batches:
        yield from _lines(found, rules, sieve.rows(found, 0, len(found)))


def _lines(found: Findings, rules: Sequence[Rule], rows: Sequence[int]) -> Iterator[bytes]:
    for first in range(0, len(rows), _ROWS):
        some = rows[first : first + _ROWS]
        yield rows_of(_line(found[row], rules) for row in some)


def _line(found: Finding, rules: Sequence[Rule]) -> list[str]:
    decision = found.decision
    step = decision.step
    (key, rule), exact = exact_cells([found.key, rule_name(rules, step.rule)])
    return [
        key,
        found.version,
        decision.action or "",
        decision.skipped or "",
        step.storage_class,
        rule,
        _moment(found.due),
        str(found.size),
        _moment(found.created),
        reason_text(decision, rules, found.until),
        json.dumps(then_records(found.then, rules)) if found.then else "",
        exact,
    ]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if isfinite(seconds) else ""
