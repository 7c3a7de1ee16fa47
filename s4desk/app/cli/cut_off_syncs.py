"""Syncs that were cut off before their deletions: `s4desk transfers` tells of them, and no more.

What was gone then may be at the source again; only a new look at both sides can tell.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from s4desk.app.cli import syncing
from s4desk.app.cli.batch import VERIFY_READS
from s4desk.app.cli.telling import place_name
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.sync import Compare

if TYPE_CHECKING:
    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.peek import Command
    from s4desk.core.persist.runs import Run


def deletes(command: Command | None) -> bool:
    """Whether moving is not all that the command stands for."""
    return command is not None and command.verb == syncing.VERB and syncing.DELETE in command.flags


def words_of(desk: Desk, command: Command) -> str:
    """What to type so that it is the same command again."""
    words = ["s4desk", command.verb]
    words += [place_name(desk, side) for side in (command.source, command.target)]
    words.append("--delete")
    if command.flags[0] != Compare.SIZE_AND_TIME:
        words += ["--compare", command.flags[0]]
    if VERIFY_READS in command.flags:
        words.append("--verify-reads")
    return shlex.join(words)


def remark(desk: Desk, command: Command, console: Console) -> str:
    """How its deletions are gone on with, for the line of the run."""
    sentence = tr("it deletes only when it is run again: {command}")
    return sentence.format(command=console.name(words_of(desk, command)))


def tell_left(desk: Desk, run: Run, console: Console) -> None:
    """After the rest was moved: what is still to be done, and how."""
    sentence = tr(
        "{id}: Going on deletes nothing. For what only the target has, run the sync again, which"
        " compares both sides anew: {command}"
    )
    console.say(sentence.format(id=run.id, command=words_of(desk, run.command)))


def tell_forgotten(desk: Desk, run: Run, console: Console) -> None:
    record = {
        "type": "run",
        "event": "forgotten",
        "id": run.id,
        "verb": run.command.verb,
        "source": place_name(desk, run.command.source),
        "target": place_name(desk, run.command.target),
    }
    line = tr("forgotten: {verb} {source} {target}; what only the target has stays")
    console.record(
        record,
        line.format(
            verb=run.command.verb,
            source=console.name(str(record["source"])),
            target=console.name(str(record["target"])),
        ),
    )
