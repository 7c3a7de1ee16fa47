"""Writing down what an application of lifecycle rules did, or would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.persist.toml_file import whole_file
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.folders import local_errors
from s4desk.gui.dialogs.files import choose_target
from s4desk.viewmodels.lifecycle_report import report_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from s4desk.core.lifecycle.report import ApplyReport, Settled
    from s4desk.gui.dialogs.fields import Note

W = TypeVar("W")


async def save_report(
    report: ApplyReport,
    objects: Iterable[Settled],
    suggested: str,
    window: QWidget,
    outcome: Note,
) -> str | None:
    """Ask for a file, and write a report into it, with what became of each object: a table, or
    JSON; returns which, None for none. `outcome` says how that went."""
    path = await choose_target(tr("Save Report"), suggested, window)
    if path is None:
        return None
    await written(_write_report, path, (report, objects), outcome)
    return str(path)


async def written(write: Callable[[Path, W], None], path: Path, what: W, outcome: Note) -> None:
    """Write in a thread, and say how that went."""
    try:
        await in_thread(write, path, what)
    except S4DeskError as error:
        outcome.fail(error)
    else:
        outcome.say(tr("Written to {file}.").format(file=path.name), is_success=True)


def _write_report(path: Path, told: tuple[ApplyReport, Iterable[Settled]]) -> None:
    is_table = path.suffix.lower() != ".json"
    with local_errors(path), whole_file(path) as file:
        file.writelines(report_pieces(*told, is_table=is_table))
