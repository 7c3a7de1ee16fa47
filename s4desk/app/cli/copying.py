"""`s4desk cp` and `mv`: what the command line asks for, and how that is planned."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.batch import VERIFY_READS, BatchRun
from s4desk.app.cli.copy_plan import CopyPlanner
from s4desk.app.cli.locked import tell_covered
from s4desk.app.cli.places import Remote, UsageError, parse_side
from s4desk.app.cli.telling import tell_aside
from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import BatchId, ConflictPolicy
from s4desk.core.persist.peek import Command
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.whereabouts import endpoints_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.runs import Run
    from s4desk.core.transfer.planner import Planned

VERB = "cp"
MOVE = "mv"
ADOPT = "adopt"
RECURSIVE = "recursive"
INTO = "into"
"""The target was written with a slash at its end."""
_REPLACING = (ConflictPolicy.OVERWRITE, ConflictPolicy.IF_DIFFERENT)
_POLICIES = (ConflictPolicy.OVERWRITE, ConflictPolicy.SKIP, ConflictPolicy.IF_DIFFERENT)


async def cp(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Copy or move files up, objects down, or objects from one place in a store to another.

    Without a flag nothing that exists is touched: it is listed as a failure.
    """
    command = _command(desk, arguments)
    plan_copy(desk, command, BatchId(""))  # what has no meaning is said before anything is begun
    await _tell_locks(desk, command, console)
    run = await begin(desk, command, console)
    await batch_of(desk, run, console).carry_out(plan_copy(desk, command, BatchId(run.id)))


async def _tell_locks(desk: Desk, command: Command, console: Console) -> None:
    """S3 puts a new version on top of a locked one without a word."""
    source, target = side_of(desk, command.source), side_of(desk, command.target)
    if isinstance(target, Remote) and _policy(command) in _REPLACING:
        is_recursive = RECURSIVE in command.flags
        await tell_covered(desk, source, target, console, is_recursive=is_recursive)


def batch_of(desk: Desk, run: Run, console: Console) -> BatchRun:
    """The transfers of a run, whoever continues it."""
    is_careful = run.command.verb in (VERB, MOVE, ADOPT) and _policy(run.command) is None
    return BatchRun(desk, run, console, refuses_existing=is_careful)


def plan_copy(desk: Desk, command: Command, batch: BatchId) -> AsyncIterator[Planned]:
    """All transfers that the command stands for. Raises UsageError, NotSupportedError."""
    is_move = command.verb == MOVE
    planner = CopyPlanner(
        store_of=desk.stores_for(command.source, command.target, removes_source=is_move),
        batch=batch,
        on_conflict=_policy(command) or ConflictPolicy.SKIP,
        is_recursive=RECURSIVE in command.flags,
        into=INTO in command.flags,
        removes_source=is_move,
    )
    return planner.plan(side_of(desk, command.source), side_of(desk, command.target))


async def begin(desk: Desk, command: Command, console: Console) -> Run:
    """A run of the command, and what a person should know before it. Raises DatabaseError.

    One that was begun when its connections led elsewhere is another one, and stays as it is.
    """
    endpoints = endpoints_of((command.source, command.target), desk.connections.get)
    run = await desk.runs.begin(replace(command, endpoints=endpoints))
    tell_aside(desk, console)
    return run


def _command(desk: Desk, arguments: Namespace) -> Command:
    is_into = arguments.target.endswith(("/", os.sep))
    flags = [
        RECURSIVE if arguments.recursive else "",
        INTO if is_into else "",
        arguments.on_conflict or "",
        VERIFY_READS if arguments.verify_reads else "",
    ]
    return Command(
        arguments.verb,
        place_of(parse_side(arguments.source, desk.connections)),
        place_of(parse_side(arguments.target, desk.connections)),
        tuple(filter(None, flags)),
    )


def _policy(command: Command) -> ConflictPolicy | None:
    return next((policy for policy in _POLICIES if policy in command.flags), None)


def place_of(side: Remote | Path) -> Path | Address:
    """One side as a run remembers it; paths are absolute."""
    if isinstance(side, Path):
        return side.absolute()
    return Address(side.connection.id, side.location)


def side_of(desk: Desk, place: Path | Address) -> Remote | Path:
    """The other way round. Raises UsageError when the connection is gone."""
    if isinstance(place, Path):
        return place
    connection = desk.connections.get(place.connection)
    if connection is None:
        raise UsageError(tr("The connection it was begun with is not there any more."))
    return Remote(connection, place.location.bucket, place.location.key)
