"""Keys of a report that have one version, which is an object: nearly all keys of most buckets.

They are counted by likeness, in one reading of the report and with as little memory as there are
likenesses; a key need not be looked at beside any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.inventory_fates import CANDIDATE, FOUND, finding, seconds, text
from s4desk.core.lifecycle.inventory_files import several_buckets
from s4desk.core.lifecycle.inventory_manifest import InventoryError
from s4desk.core.lifecycle.summary import MOST_SAMPLES
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.lifecycle.inventory_database import Database
    from s4desk.core.lifecycle.inventory_fates import Fate, Fates
    from s4desk.core.lifecycle.inventory_wanted import Wanted
    from s4desk.core.lifecycle.summary import Summary


def check_rows(bucket: str, other: str, shortest: int | None, count: int) -> str:
    """Of some rows: the first and the last name of a bucket, and the bytes of the shortest key.
    Returns the name. Raises InventoryError."""
    if count and bucket != other:
        raise several_buckets([bucket, other])
    if count and not shortest:
        raise InventoryError(tr("The report has rows without a key."))
    return bucket if count else ""


@dataclass(frozen=True, slots=True)
class Singles:
    """The table `kinds` has a row for each likeness, and `fates` what becomes of those to which
    something happens."""

    database: Database
    alike: list[str]
    has_several: bool
    fates: dict[int, Fate]

    def group(self) -> tuple[str, float]:
        """Read the report once; returns the bucket that it names, and when the newest of them was
        made: seconds, nan for none.

        Raises InventoryError, StoppedError, FailedQueryError.
        """
        names = ", ".join(self.alike)
        sample = ", ".join(f"{name} := {name}" for name in CANDIDATE)
        self.database.do(
            "CREATE OR REPLACE TABLE kinds AS SELECT row_number() OVER () AS kind, * FROM"
            f" (SELECT {names}, count(*) AS objects, sum(size) AS bytes, min(modified) AS first,"
            f" max(modified) AS last, first(struct_pack({sample})) AS sample,"
            f" min(bucket) AS bucket, max(bucket) AS other, min(octet_length(key)) AS shortest"
            f" FROM objects{self._only()} GROUP BY {names})"
        )
        asked = "SELECT max(last), min(bucket), max(other), min(shortest), count(*) FROM kinds"
        ((newest, *rest),) = self.database.all(asked)
        return check_rows(*rest), seconds(newest)

    def has_ids(self) -> bool:
        """Whether a version has an id: only buckets with versions give some."""
        return self.database.all("SELECT count(*) FROM kinds WHERE NOT is_null") != [(0,)]

    def count(self, fates: Fates, summary: Summary) -> None:
        """Count what happens; `group` comes first. Raises StoppedError, FailedQueryError."""
        alike, sampled = len(self.alike), len(CANDIDATE)
        names = ", ".join(self.alike + [f"sample.{name}" for name in CANDIDATE])
        at = self.alike.index("is_matched")
        asked = f"SELECT {names}, kind, objects, bytes, first, last FROM kinds"
        for batch in self.database.batches(asked):
            for row in batch:
                self.database.look()
                looks, sample = row[:alike], row[alike : alike + sampled]
                kind, objects, size, first, last = row[alike + sampled :]
                (fate,) = fates.of([looks], [sample])
                summary.add(fate.events, objects, size, fate.since, seconds(first), seconds(last))
                if fate.events:
                    self.fates[kind] = fate
                if not looks[at]:
                    summary.unmatched.add(objects, size)
                    if len(summary.samples) < MOST_SAMPLES:
                        summary.samples.append(text(sample[0]))

    def findings(self, wanted: Wanted, summary: Summary) -> Iterator[Findings]:
        """Read the report once more for those to which something happens that is wanted. `count`
        comes first."""
        kinds = [kind for kind, fate in self.fates.items() if any(map(wanted.has, fate.events))]
        if not kinds:
            return
        names = ", ".join(self.alike)
        asked = (
            f"SELECT {FOUND}, kind FROM objects"
            f" JOIN (SELECT * FROM kinds JOIN (SELECT unnest(?) AS kind) USING (kind))"
            f" USING ({names}){self._only()}{wanted.sql('AND' if self.has_several else 'WHERE')}"
        )
        for batch in self.database.batches(asked, [kinds]):
            found = Findings()
            for row in batch:
                found.add(finding(row[:-1], row[5], self.fates[row[-1]], summary.rounding))
            yield found

    def _only(self) -> str:
        return " WHERE hash(key) NOT IN (SELECT h FROM several)" if self.has_several else ""
