"""The report of applied rules for other programs: as JSON, or as a table."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.lifecycle.report import Outcome
from s4desk.viewmodels.spreadsheet import MARK, exact_cells, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from s4desk.core.domain.lifecycle.decisions import Action
    from s4desk.core.lifecycle.report import ApplyReport, NotDone, Settled

COLUMNS = (
    "bucket",
    "key",
    "version_id",
    "action",
    "outcome",
    "count",
    "bytes",
    "code",
    "message",
    "names",
)
"""For programs, and therefore the same in every language."""
_ROWS: Final = 10_000


def as_value(report: ApplyReport, *, lists: bool = True) -> dict[str, Any]:
    """All of it; with `lists` also what was not done, one by one."""
    value: dict[str, Any] = {
        "state": report.state,
        "started": None if report.started is None else report.started.isoformat(),
        "ended": None if report.ended is None else report.ended.isoformat(),
        "now": None if report.moment is None else report.moment.isoformat(),
        "buckets": list(report.buckets),
        "planned": report.planned,
        **report.counters,
        "per_bucket": [
            {
                "bucket": bucket,
                "action": action,
                "count": count,
                "bytes": report.sizes.get((bucket, action), 0),
            }
            for (bucket, action), count in report.done.items()
        ],
        "left": [
            {"bucket": bucket, "outcome": outcome, "count": count}
            for (bucket, outcome), count in report.left.items()
        ],
        "bucket_errors": dict(report.bucket_errors),
    }
    return value | ({"not_done": list(map(not_done_value, report.not_done))} if lists else {})


def not_done_value(left: NotDone) -> dict[str, Any]:
    return {
        "bucket": left.bucket,
        "key": left.key,
        "version_id": left.version or None,
        "action": left.action,
        "outcome": left.outcome,
        "code": left.code,
        "message": left.detail,
    }


def report_pieces(
    report: ApplyReport, objects: Iterable[Settled], *, is_table: bool
) -> Iterator[bytes]:
    """All of it, and what became of each object, in pieces: as a table, or as JSON."""
    return _table(report, objects) if is_table else _json(report, objects)


def _json(report: ApplyReport, objects: Iterable[Settled]) -> Iterator[bytes]:
    head = json.dumps(as_value(report), indent=2).removesuffix("\n}")
    yield f'{head},\n  "objects": ['.encode()
    before = ""
    for each in objects:
        yield f"{before}\n    {json.dumps(_settled_value(each))}".encode()
        before = ","
    yield b"\n  ]\n}\n"


def _settled_value(settled: Settled) -> dict[str, Any]:
    return {
        "bucket": settled.bucket,
        "key": settled.key,
        "version_id": settled.version or None,
        "action": settled.action,
        "outcome": settled.outcome,
        "bytes": settled.size,
        "code": settled.code,
        "message": settled.detail,
    }


def _table(report: ApplyReport, objects: Iterable[Settled]) -> Iterator[bytes]:
    """A line for each object, then those of which only the number is known."""
    yield MARK + rows_of([COLUMNS])
    done, sizes, left = Counter(report.done), Counter(report.sizes), Counter(report.left)
    remaining = iter(objects)
    while some := list(islice(remaining, _ROWS)):
        for each in some:
            left[each.bucket, each.outcome] -= 1
            if each.action is not None and each.outcome is Outcome.DONE:
                done[each.bucket, each.action] -= 1
                sizes[each.bucket, each.action] -= each.size or 0
        yield rows_of(map(_line, some))
    yield rows_of(_rest(done, sizes, left))
    yield rows_of(
        [bucket, "", "", "", Outcome.FAILED, "", "", "", *_cells(error)]
        for bucket, error in report.bucket_errors.items()
    )


def _line(settled: Settled) -> list[str]:
    cells, how = exact_cells([settled.key, settled.detail])
    size = "" if settled.size is None else str(settled.size)
    told = [settled.version, settled.action or "", settled.outcome, "1", size, settled.code]
    return [settled.bucket, cells[0], *told, cells[1], how]


def _rest(
    done: Mapping[tuple[str, Action], int],
    sizes: Mapping[tuple[str, Action], int],
    left: Mapping[tuple[str, Outcome], int],
) -> Iterator[list[str]]:
    for (bucket, action), count in done.items():
        if count > 0:
            size = str(max(sizes[bucket, action], 0))
            yield [bucket, "", "", action, Outcome.DONE, str(count), size, "", "", "exact"]
    for (bucket, outcome), count in left.items():
        if count > 0:
            yield [bucket, "", "", "", outcome, str(count), "", "", "", "exact"]


def _cells(text: str) -> list[str]:
    cells, how = exact_cells([text])
    return [*cells, how]
