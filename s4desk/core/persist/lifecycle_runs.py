"""What applications of lifecycle rules did, a file for each: it is written before they act, so that
whatever ends the process, there is a report.

A line is one JSON object. What is sent is named before it is; what has no answer in the file when
its process is gone, nobody knows of.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
import zlib
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import LocalFileError, S4DeskError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.lifecycle.decisions import Action, Skipped
from s4desk.core.lifecycle.report import (
    ApplyReport,
    NotDone,
    Outcome,
    RunState,
    Settled,
    Tally,
    kept_back,
    not_done,
)
from s4desk.core.persist.claim import claim, is_busy, lock_path
from s4desk.core.persist.peek import is_claimed
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from s4desk.core.lifecycle.findings import Finding
    from s4desk.core.lifecycle.plan import Plan
    from s4desk.core.lifecycle.report import Result

log = logging.getLogger(__name__)

SUFFIX: Final = ".jsonl"
KEPT: Final = 100
"""So many reports are kept, the newest."""
ID_BYTES: Final = 3
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class RunRecord:
    """An application as its file tells of it. `about` is what was said when it began: the
    evaluator, the rules, who asked for it."""

    id: str
    connection: ConnectionId
    report: ApplyReport
    about: Mapping[str, Any] = field(default_factory=dict)


class RunLog:
    """The file of an application that this process carries out, and the right to be the only one on
    this computer that acts on its buckets: two would both count what only one has done."""

    def __init__(
        self,
        connection: ConnectionId,
        path: Path,
        file: IO[str],
        held: sqlite3.Connection | None,
    ) -> None:
        self.id = path.name.removesuffix(SUFFIX)
        self._connection = connection
        self._path = path
        self._file = file
        self._held = held
        self._turns: list[sqlite3.Connection] = []
        self._count = 0
        self._open: dict[int, set[tuple[str, str]]] = {}
        self._turn = asyncio.Lock()

    async def introduce(self, about: Mapping[str, Any], started: datetime) -> None:
        """The first line."""
        connection = self._connection
        await self._write(
            type="begin", connection=connection, about=dict(about), started=started.isoformat()
        )

    async def begin(self, plan: Plan) -> None:
        self._take_turn(plan.bucket)
        skipped = {why.value: count for why, count in plan.skipped.items()}
        await self._write(
            type="bucket",
            bucket=plan.bucket,
            planned=len(plan),
            evaluated=plan.evaluated,
            skipped=skipped,
            errors=plan.errors,
            made=plan.made.isoformat(),
        )
        kept = kept_back(plan)
        while some := list(islice(kept, _AT_ONCE)):
            await self._write(type="held", bucket=plan.bucket, objects=list(map(_held_row, some)))

    async def sent(self, bucket: str, action: Action, found: Sequence[Finding]) -> int:
        self._count += 1
        number = self._count
        objects = [[each.key, each.version, each.size] for each in found]
        self._open[number] = {(each.key, each.version) for each in found}
        await self._write(type="sent", number=number, bucket=bucket, action=action, objects=objects)
        return number

    async def settled(
        self, bucket: str, action: Action, results: Sequence[Result], number: int | None = None
    ) -> None:
        done = [each.found.size for each in results if each.outcome is Outcome.DONE]
        left = [each for each in results if each.outcome is not Outcome.DONE]
        names = {(each.found.key, each.found.version) for each in results}
        more: dict[str, Any] = {}
        if number is None:
            # What comes with something else was not sent.
            more["objects"] = [
                [each.found.key, each.found.version, each.found.size]
                for each in results
                if each.outcome is Outcome.DONE
            ]
        else:
            more["untried"] = sorted(self._open.pop(number) - names)
        await self._write(
            type="settled",
            number=number,
            bucket=bucket,
            action=action,
            done=len(done),
            size=sum(done),
            left=[_row(not_done(bucket, action, each)) for each in left],
            **more,
        )

    async def end(self, report: ApplyReport) -> None:
        errors = dict(report.bucket_errors)
        ended = (report.ended or datetime.now(UTC)).isoformat()
        try:
            await self._write(type="end", state=report.state, ended=ended, errors=errors)
        except LocalFileError as error:
            log.warning("how lifecycle rules were applied is not kept: %s", error)

    async def aclose(self) -> None:
        """The file stays, for whoever asks what was done."""
        async with self._turn:
            with suppress(OSError):
                await in_thread(self._file.close)
            for turn in self._turns:
                turn.close()
            self._turns.clear()
            if self._held is not None:
                self._held.close()
                self._held = None
                with suppress(OSError):
                    os.unlink(lock_path(self._path))

    def _take_turn(self, bucket: str) -> None:
        """On the loop's thread, as what is held of the file. Raises S4DeskError."""
        name = _short(f"{self._connection}/{bucket}")
        try:
            self._turns.append(claim(self._path.with_name(f"applying-{name}"), 0))
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise S4DeskError(
                    tr(
                        "s4desk is applying rules to this bucket already. Begin again when that"
                        " has ended."
                    )
                ) from error

    async def _write(self, **line: Any) -> None:
        """Raises LocalFileError: what cannot be noted is not done."""
        async with self._turn:
            await in_thread(self._append, json.dumps(line))

    def _append(self, text: str) -> None:
        try:
            self._file.write(f"{text}\n")
            self._file.flush()
        except (OSError, ValueError) as error:
            cause = error if isinstance(error, OSError) else OSError(str(error))
            raise LocalFileError(self._path, cause) from error


class RunShelf:
    """The folder with the files of all applications."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def begin(
        self, connection: ConnectionId, about: Mapping[str, Any], started: datetime
    ) -> RunLog:
        """A file for one that is about to be carried out. Raises LocalFileError."""
        await in_thread(self._prune)
        id_ = f"{started:%Y%m%dT%H%M%S}-{os.urandom(ID_BYTES).hex()}"
        path = self._folder / f"{id_}{SUFFIX}"
        file = await in_thread(_created, path)
        # On the loop's thread, which lets go of it too; it takes an instant.
        held = None
        with suppress(sqlite3.OperationalError):
            held = claim(path, 0)
        made = RunLog(connection, path, file, held)
        await made.introduce(about, started)
        return made

    async def records(self, connection: ConnectionId | None = None) -> list[RunRecord]:
        """All that is kept, the newest first; what cannot be read is left out."""
        found = await in_thread(self._records)
        return [each for each in found if connection in (None, each.connection)]

    async def latest(self, connection: ConnectionId, bucket: str, most: int) -> list[RunRecord]:
        """Those about one bucket, the newest first, no more than `most`."""
        return await in_thread(self._latest, connection, bucket, most)

    async def record(self, id_: str) -> RunRecord | None:
        """One of them, None when it is not kept or cannot be read."""
        return await in_thread(_read, self._folder / f"{id_}{SUFFIX}")

    def objects(self, id_: str) -> Iterator[Settled]:
        """What became of one after the other, as far as that was noted; it blocks, and takes no
        more memory for more of them."""
        try:
            with (self._folder / f"{id_}{SUFFIX}").open(encoding="ascii") as file:
                yield from _objects(_lines(file))
        except (OSError, KeyError, TypeError, ValueError) as error:
            log.info("%s cannot be read: %s", id_, error)

    def _records(self) -> list[RunRecord]:
        return [each for path in reversed(self._files()) if (each := _read(path)) is not None]

    def _latest(self, connection: ConnectionId, bucket: str, most: int) -> list[RunRecord]:
        read = (_read(path) for path in reversed(self._files()) if _is_about(path, bucket))
        mine = (each for each in read if each is not None and each.connection == connection)
        return list(islice(mine, most))

    def _files(self) -> list[Path]:
        """The oldest first: that is how they are named."""
        return sorted(self._folder.glob(f"*{SUFFIX}"))

    def _prune(self) -> None:
        for path in self._files()[: -KEPT + 1]:
            if not is_claimed(path):
                for each in (path, lock_path(path)):
                    with suppress(OSError):
                        each.unlink(missing_ok=True)


def _created(path: Path) -> IO[str]:
    """A file that only its owner may read."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise LocalFileError(path, error) from error
    return os.fdopen(number, "w", encoding="ascii")


def _held_row(held: Settled) -> list[str | int | None]:
    told = (held.key, held.version, held.action, held.outcome, held.size, held.code, held.detail)
    return list(told)


def _row(left: NotDone) -> list[str]:
    return [left.key, left.version, left.outcome, left.code, left.detail]


# Reading


def _read(path: Path) -> RunRecord | None:
    try:
        with path.open(encoding="ascii") as file:
            reading = _Reading()
            for line in _lines(file):
                reading.take(line)
    except (OSError, KeyError, TypeError, ValueError) as error:
        log.info("%s cannot be read: %s", path.name, error)
        return None
    if reading.started is None:
        return None
    return reading.record(path.name.removesuffix(SUFFIX), is_running=is_claimed(path))


def _is_about(path: Path, bucket: str) -> bool:
    """By the lines at its beginning: one that did much is long."""
    try:
        with path.open(encoding="ascii") as file:
            head = list(islice(_lines(file), 2))
    except (OSError, ValueError):
        return False
    return any(line.get("bucket") == bucket for line in head)


def _lines(file: IO[str]) -> Iterator[Mapping[str, Any]]:
    """The last one may be cut: its process was."""
    for text in file:
        if not text.endswith("\n"):
            return
        yield json.loads(text)


class _Reading:
    """What the lines of a file come to."""

    def __init__(self) -> None:
        self.started: datetime | None = None
        self._connection = ConnectionId("")
        self._about: Mapping[str, Any] = {}
        self._tally = Tally()
        self._open: dict[int, int] = {}
        self._has_end = False

    def take(self, line: Mapping[str, Any]) -> None:
        match line["type"]:
            case "begin":
                self.started = datetime.fromisoformat(line["started"])
                self._connection = ConnectionId(line["connection"])
                self._about = line["about"]
            case "bucket":
                skipped = {Skipped(why): count for why, count in line["skipped"].items()}
                counts = (line["planned"], line["evaluated"], skipped, line["errors"])
                made = datetime.fromisoformat(line["made"])
                self._tally.begin(line["bucket"], *counts, made)
            case "sent":
                self._open[line["number"]] = len(line["objects"])
            case "settled":
                self._settle(line)
            case "end":
                self._has_end = True
                self._tally.state = RunState(line["state"])
                self._tally.ended = datetime.fromisoformat(line["ended"])
                self._tally.bucket_errors |= line["errors"]

    def _settle(self, line: Mapping[str, Any]) -> None:
        bucket, action = line["bucket"], Action(line["action"])
        self._open.pop(line["number"], None)
        self._tally.add_done(bucket, action, line["done"], line["size"])
        for key, version, outcome, code, detail in line["left"]:
            self._tally.add_left(
                NotDone(bucket, key, version, action, Outcome(outcome), code, detail)
            )

    def record(self, id_: str, *, is_running: bool) -> RunRecord:
        in_doubt = sum(self._open.values())
        report = replace(self._tally.report, started=self.started, in_doubt=in_doubt)
        if not self._has_end:
            state = RunState.RUNNING if is_running else RunState.CUT_OFF
            report = replace(report, state=state)
        return RunRecord(id_, self._connection, report, self._about)


def _short(name: str) -> str:
    """A few letters that stand for a name; two that share them only wait for each other."""
    data = name.encode()
    return f"{zlib.crc32(data):08x}{zlib.adler32(data):08x}"


def _objects(lines: Iterable[Mapping[str, Any]]) -> Iterator[Settled]:
    """One after the other; what was sent and never heard of comes last."""
    sent: dict[int, Mapping[str, Any]] = {}
    for line in lines:
        match line["type"]:
            case "held":
                for key, version, action, outcome, *rest in line["objects"]:
                    deed = None if action is None else Action(action)
                    yield Settled(line["bucket"], key, version, deed, Outcome(outcome), *rest)
            case "sent":
                sent[line["number"]] = line
            case "settled":
                yield from _settled(line, sent.pop(line["number"], line))
    for line in sent.values():
        for key, version, *size in line["objects"]:
            action = Action(line["action"])
            yield Settled(line["bucket"], key, version, action, Outcome.IN_DOUBT, *size)


def _settled(line: Mapping[str, Any], sent: Mapping[str, Any]) -> Iterator[Settled]:
    """Of what was sent all is done that is neither left nor was stopped before its turn."""
    bucket, action = line["bucket"], Action(line["action"])
    for key, version, outcome, code, detail in line["left"]:
        yield Settled(bucket, key, version, action, Outcome(outcome), None, code, detail)
    others = {(key, version) for key, version, *_ in (*line["left"], *line.get("untried", ()))}
    done = [each for each in sent.get("objects", ()) if (each[0], each[1]) not in others]
    # Older files do not say which ones were stopped.
    if len(done) == line["done"]:
        for key, version, *size in done:
            yield Settled(bucket, key, version, action, Outcome.DONE, *size)
