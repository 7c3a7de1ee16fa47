"""Keys of a report that have several versions, or a marker: their versions have to be brought
together from all over it.

They go to a table in which those of a key lie near each other, and are worked off in portions that
fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.inventory_fates import CANDIDATE, FOUND, finding, seconds, text
from s4desk.core.lifecycle.inventory_singles import check_rows
from s4desk.core.lifecycle.summary import MOST_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.lifecycle.inventory_database import Database
    from s4desk.core.lifecycle.inventory_fates import Fate, Fates
    from s4desk.core.lifecycle.inventory_wanted import Wanted
    from s4desk.core.lifecycle.summary import Summary

SHARES: Final = 1024
PORTION: Final = 500_000
"""Versions; those of one key are never parted."""
_ONCE: Final = 50_000
"""Numbers that go into the database with one statement."""


@dataclass(slots=True)
class _Acts:
    """What becomes of the versions in one portion: by number, for the kinds of keys in it."""

    fates: list[Fate] = field(default_factory=list)
    rows: list[tuple[int, int, int]] = field(default_factory=list)


class Stacks:
    """The table `versions`, and the portions of it. `doubles` are the rows of them that say what
    another one has said: left out, and known when all are counted."""

    def __init__(
        self, database: Database, alike: list[str], fates: Fates, *, has_doubled: bool
    ) -> None:
        self._database = database
        self._alike = alike
        self._fates = fates
        self._portions: list[tuple[int, int]] = []
        self._counted = 0
        self._has_doubled = has_doubled
        self.doubles = 0

    def gather(self) -> tuple[str, float]:
        """Read the report once; returns the bucket that it names, and when the newest of them was
        made: seconds, nan for none. Raises InventoryError, StoppedError, FailedQueryError."""
        columns = dict.fromkeys([*CANDIDATE, "etag", "bucket", *self._alike])
        self._database.do(
            f"CREATE OR REPLACE TABLE versions AS SELECT {', '.join(columns)},"
            f" (hash(key) % {SHARES})::SMALLINT AS share FROM objects"
            " WHERE hash(key) IN (SELECT h FROM several) ORDER BY share"
        )
        asked = (
            "SELECT max(modified), min(bucket), max(bucket), min(octet_length(key)), count(*)"
            " FROM versions"
        )
        ((newest, *rest),) = self._database.all(asked)
        bucket = check_rows(*rest)
        counts = self._database.all("SELECT share, count(*) FROM versions GROUP BY ALL ORDER BY 1")
        self._portions = portions([(share, count) for share, count in counts])
        return bucket, seconds(newest)

    def progress(self) -> float:
        """How much of them is counted, from 0 to 1."""
        return self._counted / max(1, len(self._portions))

    def count(self, summary: Summary) -> None:
        """Count what happens; `gather` comes first."""
        for portion in self._portions:
            acts = self._prepared(portion)
            self._count(acts, summary)
            self.doubles += self._left_out(portion)
            self._counted += 1

    def findings(self, wanted: Wanted, summary: Summary) -> Iterator[Findings]:
        """Those that are wanted; `gather` comes first."""
        for portion in self._portions:
            acts = self._prepared(portion, wanted)
            asked = (
                f"SELECT {FOUND}, since, act FROM ranked JOIN keyed USING (key)"
                f" JOIN acts USING (id, place){wanted.sql('WHERE')}"
            )
            for batch in self._database.batches(asked) if acts.rows else ():
                found = Findings()
                for *row, since, act in batch:
                    found.add(finding(tuple(row), since, acts.fates[act], summary.rounding))
                yield found

    def _prepared(self, portion: tuple[int, int], wanted: Wanted | None = None) -> _Acts:
        """Of a portion: `ranked` has its versions with their places, `keyed` the kind of each key,
        and `acts` what becomes of the versions of each kind, if it is wanted."""
        self._rank(portion)
        self._sort_keys()
        acts = self._judged(wanted)
        self._database.do("CREATE OR REPLACE TEMP TABLE acts (id BIGINT, place BIGINT, act BIGINT)")
        for at in range(0, len(acts.rows), _ONCE):
            ids, places, numbers = zip(*acts.rows[at : at + _ONCE], strict=True)
            self._database.do(
                "INSERT INTO acts SELECT unnest(?), unnest(?), unnest(?)",
                [list(ids), list(places), list(numbers)],
            )
        return acts

    def _rank(self, portion: tuple[int, int]) -> None:
        """A version is noncurrent since the one before it came."""
        self._database.do(
            "CREATE OR REPLACE TEMP TABLE ranked AS SELECT *,"
            " CASE WHEN is_latest THEN modified ELSE newer END AS since FROM"
            " (SELECT *, row_number() OVER history AS place, lag(modified) OVER history AS newer"
            f" FROM ({self._once(portion)})"
            " WINDOW history AS (PARTITION BY key"
            " ORDER BY is_latest DESC, modified DESC NULLS LAST, version DESC))"
        )

    def _once(self, portion: tuple[int, int]) -> str:
        """What is there twice counts once: as the newest report has it, in which it may not be the
        latest any more."""
        select = f"SELECT * FROM versions WHERE share BETWEEN {portion[0]} AND {portion[1]}"
        if not self._has_doubled:
            return select
        return (
            f"{select} QUALIFY row_number() OVER"
            " (PARTITION BY key, version ORDER BY modified DESC NULLS LAST, is_latest) = 1"
        )

    def _left_out(self, portion: tuple[int, int]) -> int:
        """Of the portion that is prepared."""
        if not self._has_doubled:
            return 0
        asked = (
            "SELECT (SELECT count(*) FROM versions"
            f" WHERE share BETWEEN {portion[0]} AND {portion[1]}) - (SELECT count(*) FROM ranked)"
        )
        ((count,),) = self._database.all(asked)
        return int(count)

    def _sort_keys(self) -> None:
        """Keys are of one kind whose versions are alike, one by one."""
        alike = ", ".join(self._alike)
        self._database.do(
            "CREATE OR REPLACE TEMP TABLE alike AS SELECT row_number() OVER () AS alike, * FROM"
            f" (SELECT DISTINCT {alike} FROM ranked)"
        )
        self._database.do(
            "CREATE OR REPLACE TEMP TABLE stacks AS SELECT key, list(alike ORDER BY place) AS stack"
            f" FROM ranked JOIN alike USING ({alike}) GROUP BY key HAVING bool_or(is_matched)"
        )
        self._database.do(
            "CREATE OR REPLACE TEMP TABLE kinds_of_keys AS SELECT row_number() OVER () AS id,"
            " stack, first(key) AS sample FROM stacks GROUP BY stack"
        )
        self._database.do(
            "CREATE OR REPLACE TEMP TABLE keyed AS SELECT key, id FROM stacks"
            " JOIN kinds_of_keys USING (stack)"
        )

    def _judged(self, wanted: Wanted | None) -> _Acts:
        alike = len(self._alike)
        names = ", ".join([*self._alike, *CANDIDATE])
        asked = (
            f"SELECT id, {names} FROM (SELECT id, sample AS key FROM kinds_of_keys)"
            " JOIN ranked USING (key) ORDER BY id, place"
        )
        acts = _Acts()
        numbers: dict[Fate, int] = {}
        rows = (row for batch in self._database.batches(asked) for row in batch)
        for id_, versions in groupby(rows, key=lambda row: row[0]):
            self._database.look()
            stack = list(versions)
            fates = self._fates.of(
                [row[1 : 1 + alike] for row in stack], [row[1 + alike :] for row in stack]
            )
            for place, fate in enumerate(fates, 1):
                if not fate.events or not (wanted is None or any(map(wanted.has, fate.events))):
                    continue
                number = numbers.get(fate)
                if number is None:
                    number = numbers[fate] = len(acts.fates)
                    acts.fates.append(fate)
                acts.rows.append((id_, place, number))
        return acts

    def _count(self, acts: _Acts, summary: Summary) -> None:
        """Of the portion that is prepared."""
        asked = (
            "SELECT act, count(*), sum(size), min(since), max(since) FROM ranked"
            " JOIN keyed USING (key) JOIN acts USING (id, place) GROUP BY act"
        )
        objects = size = 0
        for act, touched, bytes_, first, last in self._database.all(asked):
            fate = acts.fates[act]
            summary.add(fate.events, touched, bytes_, fate.since, seconds(first), seconds(last))
            objects, size = objects + touched, size + bytes_
        asked = (
            "SELECT count(*), coalesce(sum(size), 0), count(*) FILTER (is_marker),"
            " count(*) FILTER (NOT is_matched), coalesce(sum(size) FILTER (NOT is_matched), 0),"
            " first(key) FILTER (NOT is_matched) FROM ranked"
        )
        ((all_, bytes_, markers, unmatched, unmatched_size, key),) = self._database.all(asked)
        summary.add((), all_ - objects, bytes_ - size)
        summary.markers += markers
        summary.unmatched.add(unmatched, unmatched_size)
        if key is not None and len(summary.samples) < MOST_SAMPLES:
            summary.samples.append(text(key))


def portions(counts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """First and last share of each, from shares in order with their numbers of versions."""
    made: list[tuple[int, int]] = []
    held = 0
    for share, count in counts:
        if made and held + count <= PORTION:
            made[-1] = (made[-1][0], share)
            held += count
        else:
            made.append((share, share))
            held = count
    return made
