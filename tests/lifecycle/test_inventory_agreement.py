"""The preview of a bucket and that of a report of the same bucket agree, object by object."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.rules import (
    SMALL,
    Filter,
    Lifecycle,
    NoncurrentExpiration,
    Rule,
    Transition,
    When,
)
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.inventory import open_inventory
from s4desk.core.lifecycle.preview import Preview
from s4desk.core.lifecycle.question import Engine, Question
from tests.lifecycle.reports import write_manifest, write_parquet
from tests.lifecycle.shelf import PREFIX, Shelf, everything_in
from tests.lifecycle.test_inventory import all_of, seen, sums

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
RULES = Lifecycle(
    (
        Rule("logs", filter=Filter("logs/"), expiration=When(30)),
        Rule("tagged", filter=Filter(tags=(("keep", "no"),)), expiration=When(10)),
        Rule(
            "large", filter=Filter(larger_than=1000), transitions=(Transition(When(20), "GLACIER"),)
        ),
        Rule("old", noncurrent_expiration=NoncurrentExpiration(5, 1), expires_markers=True),
    )
)


def filled(versioning: Versioning, seed: int) -> Shelf:
    """Objects of every kind that a report tells of."""
    draw = random.Random(seed)
    is_kept = versioning is not Versioning.OFF
    shelf = Shelf(versioning, lock=is_kept, replicates=is_kept, page=7)
    for at in range(60):
        key = draw.choice(["logs/", "data/", "logs/ü +%", ""]) + f"{at:02}"
        for back in range(draw.randrange(1, 5) if is_kept else 1, 0, -1):
            created = NOW - timedelta(days=back * 12) - timedelta(seconds=draw.randrange(10**6))
            if is_kept and draw.random() < 0.2:
                shelf.place(key, created, 0, is_marker=True)
                continue
            lock = NO_LOCK
            if is_kept and draw.random() < 0.2:
                until = NOW + timedelta(days=draw.randrange(-5, 20))
                lock = LockState(LockMode.GOVERNANCE, until, draw.random() < 0.2 or None)
            shelf.place(
                key,
                created,
                draw.choice([0, 10, 1001, SMALL]),
                tags=draw.choice([{}, {"keep": "no"}, {"keep": "yes", "a b": "&="}]),
                storage_class=draw.choice(["STANDARD", "STANDARD", "GLACIER"]),
                lock=lock,
                replication=draw.choice(["", "", "COMPLETED", "PENDING"]) if is_kept else "",
            )
    return shelf


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("versioning", Versioning)
@pytest.mark.parametrize("name", ["manifest.json", "report.parquet"])
async def test_both_find_the_same(
    tmp_path: Path, engine: Engine, versioning: Versioning, name: str
) -> None:
    shelf = filled(versioning, seed=6)
    question = Question(RULES, NOW, 30, engine)
    preview = Preview(shelf, PREFIX, question)
    listed = Findings()
    async with aclosing(preview.batches()) as batches:
        async for batch in batches:
            listed.extend(batch)

    write = write_parquet if name.endswith("parquet") else write_manifest
    path = write(tmp_path / name, everything_in(shelf))
    async with open_inventory([path], question) as looking:
        looking.ask(question, versioning)
        await looking.count()
        reported = await all_of(looking)
        assert looking.versioning is versioning
        assert sums(looking.summary) == sums(preview.summary)
    assert len(listed) > 20
    expected = Counter(seen(listed[row]) for row in range(len(listed)))
    assert Counter(map(seen, reported)) == expected
