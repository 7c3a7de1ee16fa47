"""`s4desk verify`: read objects again, and say whether every byte is what it should be."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.app.cli.served import ServedEach
from s4desk.core.domain.errors import LocalFileError, NotFoundError
from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import BatchId
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.inventory import LocalInventory
from s4desk.core.transfer.planner import plan_downloads
from s4desk.core.transfer.verifying import (
    OBJECTS_IN_FLIGHT,
    Finding,
    Outcome,
    Pair,
    Verification,
    is_only_there,
    pairs_alone,
    pairs_with_files,
)
from s4desk.viewmodels.verify_text import (
    only_here_text,
    only_there_text,
    report_text,
    verdict_text,
    verifying_text,
)

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator, Mapping, Sequence

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk

TELL_EVERY_S = 0.2
FAILED = "failed"
"""The result of what cannot be read."""
ONLY_HERE, ONLY_THERE = "only-here", "only-there"
"""The results of a file without an object, and of an object without its file."""


async def verify(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Compare with local files, or without any with the checksums that the store keeps.

    Whatever is not proved to be the same counts as a failure, and so does a file of the folder
    that no object stands for. Nothing is written anywhere.
    """
    parse = parse_remote if arguments.recursive else parse_object
    remote = parse(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    local = Path(arguments.local) if arguments.local is not None else None
    inventory = LocalInventory(local) if arguments.recursive and local is not None else None
    served = ServedEach(desk)
    pairs = await _pairs(desk, remote, local, inventory, console, is_recursive=arguments.recursive)
    # How many bodies come at once, and how fast, is the stores' business.
    at_once = desk.settings.for_now.get("transfer_limit", OBJECTS_IN_FLIGHT)
    part_size = desk.settings.current.sizes.part
    verification = Verification(served.store_of, part_size=part_size, in_flight=at_once)
    ends = await _run(verification, pairs, remote, served, console)
    served.whole.tell(console)
    if inventory is not None:
        ends[ONLY_HERE] = await _tell_only_here(inventory, remote, console)
    if not verification.done and not ends[ONLY_HERE]:
        raise NotFoundError("nothing lies below it", location=remote.location)
    if arguments.recursive:
        told = report_text(verification, only_here=ends[ONLY_HERE], only_there=ends[ONLY_THERE])
        console.say(told)


async def _pairs(
    desk: Desk,
    remote: Remote,
    local: Path | None,
    inventory: LocalInventory | None,
    console: Console,
    *,
    is_recursive: bool,
) -> AsyncIterator[Sequence[Pair]]:
    """What is met of `inventory`, which goes with a folder, is marked in it."""
    connection = remote.connection.id
    store = await desk.stores.to_read(connection)
    if not is_recursive:
        if local is not None and await in_thread(local.is_dir):
            local = local / remote.location.name
        return _single(Pair(Address(connection, remote.location), local))
    if local is None or inventory is None:
        return pairs_alone(store, connection, [remote.folder])
    if not await in_thread(local.is_dir):
        raise UsageError(tr("{path} is no folder.").format(path=local))
    try:
        await inventory.load()
    except LocalFileError as error:
        console.fail(error, str(error.path))
    plan = plan_downloads(store, connection, [remote.folder], local, BatchId(""), keep_name=False)
    return pairs_with_files(plan, inventory)


async def _single(pair: Pair) -> AsyncIterator[list[Pair]]:
    yield [pair]


async def _run(
    verification: Verification,
    pairs: AsyncIterator[Sequence[Pair]],
    remote: Remote,
    served: ServedEach,
    console: Console,
) -> Counter[str]:
    """Returns how often each result came."""
    ends: Counter[str] = Counter()

    def tell(outcome: Outcome) -> None:
        ends[_result(outcome)] += 1
        _tell(outcome, remote, served.record, console)

    scope = TaskScope("verify")
    try:
        reading = scope.start(verification.run(pairs, tell))
        while not reading.done():
            await asyncio.wait([reading], timeout=TELL_EVERY_S)
            console.progress(verifying_text(verification))
        reading.result()
    finally:
        await scope.aclose()
    return ends


async def _tell_only_here(inventory: LocalInventory, remote: Remote, console: Console) -> int:
    """Tell of what no object stands for, links that go round or out too; returns how many."""
    unmet = await in_thread(lambda: [*inventory.unmet(), *inventory.led_away()])
    for held in unmet:
        said = only_here_text()
        console.fail(said, str(held.place))
        if console.as_json:
            record = {
                "type": "verification",
                "bucket": remote.bucket,
                "key": None,
                "local": str(held.place),
                "result": ONLY_HERE,
                "other_size": held.size,
                "error": said,
            }
            console.record(record, "")
    return len(unmet)


def _result(outcome: Outcome) -> str:
    if outcome.verdict is not None:
        return outcome.verdict.finding.value
    return ONLY_THERE if is_only_there(outcome) else FAILED


def _tell(outcome: Outcome, remote: Remote, more: Mapping[str, object], console: Console) -> None:
    """`more` is in the record."""
    verdict, location = outcome.verdict, outcome.pair.address.location
    name = f"{remote.connection.name}:{location.bucket}/{location.key}"
    is_same = verdict is not None and verdict.finding is Finding.SAME
    error = outcome.error or OSError()
    said = verdict_text(verdict) if verdict is not None else console.sentence(error)
    if _result(outcome) == ONLY_THERE:
        said = only_there_text(outcome)
    if not is_same:
        console.fail(said, name)
    if is_same or console.as_json:
        algorithm = verdict.algorithm if verdict is not None else ""
        line = tr("verified {name} ({algorithm})")
        console.record(
            {**_record(outcome, "" if is_same else said), **more},
            line.format(name=console.name(name), algorithm=algorithm),
        )


def _record(outcome: Outcome, error: str) -> dict[str, object]:
    verdict, location = outcome.verdict, outcome.pair.address.location
    other = outcome.pair.other
    return {
        "type": "verification",
        "bucket": location.bucket,
        "key": location.key,
        "local": str(other) if isinstance(other, Path) else None,
        "result": _result(outcome),
        "algorithm": verdict.algorithm if verdict is not None else "",
        "stored": verdict.stored if verdict is not None else "",
        "read": verdict.read if verdict is not None else "",
        "other": verdict.other if verdict is not None else "",
        "size": verdict.size if verdict is not None else None,
        "other_size": verdict.other_size if verdict is not None else None,
        "error": error,
    }
