"""Keys of a report that are in several rows: with versions, with a marker, or written twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.lifecycle.inventory_database import Database
    from s4desk.core.lifecycle.inventory_files import Part


def may_double(parts: Sequence[Part]) -> bool:
    """Whether rows may be there twice: not within one report that a store has made, but where
    somebody puts files together."""
    manifests = {id(part.manifest) for part in parts}
    is_one = len(manifests) == 1 and parts[0].manifest is not None
    return not is_one or len({part.path for part in parts}) < len(parts)


def find_doubled(database: Database, *, looks: bool) -> bool:
    """Make the table `doubled`, of what is there more than once, as far as numbers made of keys and
    versions tell it apart; empty where nobody `looks`. Whether there are any."""
    having = "count(*) > 1" if looks else "false"
    rows = "rows" if looks else "rows WHERE false"
    database.do(
        "CREATE OR REPLACE TABLE doubled AS SELECT h FROM"
        f" (SELECT hash(key, version) AS h FROM {rows}) GROUP BY h HAVING {having}"
    )
    return database.all("SELECT count(*) FROM doubled") != [(0,)]


def find_several(database: Database, *, has_versions: bool, has_doubled: bool) -> bool:
    """Make the table `several`, of keys with old versions or markers, and of those with something
    that is doubled, again by numbers: some others with them do no harm. Whether there are any."""
    reasons = ["NOT is_latest OR is_marker"] if has_versions else []
    reasons += ["hash(key, version) IN (SELECT h FROM doubled)"] if has_doubled else []
    database.do(
        "CREATE OR REPLACE TABLE several AS SELECT hash(key) AS h,"
        " bool_or(NOT is_latest OR is_marker OR version NOT IN ('', 'null')) AS has_ids"
        f" FROM rows WHERE {' OR '.join(reasons) or 'false'} GROUP BY ALL"
    )
    return database.all("SELECT count(*) FROM several") != [(0,)]


def have_ids(database: Database) -> bool:
    """Whether any of these is of a bucket with versions."""
    return database.all("SELECT count(*) FROM several WHERE has_ids") != [(0,)]
