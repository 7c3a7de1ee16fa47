"""Choosing local files and folders, without holding up the loop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import accepted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget


async def choose_files(
    title: str,
    start: str,
    window: QWidget,
    *,
    accept_text: str = "",
    filters: Sequence[str] = (),
) -> list[Path]:
    """The files that were chosen; none when the dialog was closed. `filters` are as Qt has them,
    the first one holds at the beginning."""
    chooser = QFileDialog(window, title, start)
    chooser.setFileMode(QFileDialog.FileMode.ExistingFiles)
    chooser.setLabelText(QFileDialog.DialogLabel.Accept, accept_text or tr("Upload"))
    chooser.setNameFilters(filters)
    return await _chosen(chooser)


async def choose_file(title: str, start: str, accept_text: str, window: QWidget) -> Path | None:
    """The one file that was chosen; None when the dialog was closed."""
    chooser = QFileDialog(window, title, start)
    chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
    chooser.setLabelText(QFileDialog.DialogLabel.Accept, accept_text)
    chosen = await _chosen(chooser)
    return chosen[0] if chosen else None


async def choose_target(title: str, suggested: str, window: QWidget) -> Path | None:
    """A file to be written, which a person agreed to replace if it is there; None for none."""
    chooser = QFileDialog(window, title, suggested)
    chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    chooser.setDefaultSuffix(Path(suggested).suffix.removeprefix("."))
    chosen = await _chosen(chooser)
    return chosen[0] if chosen else None


async def choose_folder(title: str, start: str, accept_text: str, window: QWidget) -> Path | None:
    """The folder that was chosen; None when the dialog was closed."""
    chooser = QFileDialog(window, title, start)
    chooser.setFileMode(QFileDialog.FileMode.Directory)
    chooser.setOption(QFileDialog.Option.ShowDirsOnly)
    chooser.setLabelText(QFileDialog.DialogLabel.Accept, accept_text)
    chosen = await _chosen(chooser)
    return chosen[0] if chosen else None


async def _chosen(chooser: QFileDialog) -> list[Path]:
    if not await accepted(chooser):
        return []
    return [Path(name) for name in chooser.selectedFiles()]
