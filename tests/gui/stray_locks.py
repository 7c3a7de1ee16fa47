"""Dialogs about locks, each with what it says at its longest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import RetentionRefusedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState, RetentionRefusal
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.transfer.locking import LockOutcome
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.lock_default import LockDefaultDialog
from s4desk.gui.dialogs.lock_report import LockReportDialog
from s4desk.gui.dialogs.locked import LockedDialog
from s4desk.viewmodels.forms import TICKED
from s4desk.viewmodels.lock_default_form import LockDefaultForm
from s4desk.viewmodels.lock_form import LockForm
from s4desk.viewmodels.lock_report import counts_text, outcome_rows
from s4desk.viewmodels.lock_text import lock_of_text
from s4desk.viewmodels.locked_text import Threat, locked_question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QDialog, QWidget

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOVERNED = LockState(LockMode.GOVERNANCE, NOW + timedelta(days=90), legal_hold=True)
COMPLIANT = LockState(LockMode.COMPLIANCE, NOW + timedelta(days=900))
PLACES = [Location("ledgers", f"2026/{name}") for name in ("annual report.pdf", "q1.csv", "q2.csv")]
OUTCOMES = [
    LockOutcome(
        PLACES[0], None, error=RetentionRefusedError(RetentionRefusal.LOWER, COMPLIANT, PLACES[0])
    ),
    LockOutcome(PLACES[1], None, NO_LOCK, GOVERNED),
    LockOutcome(PLACES[2], None, GOVERNED, GOVERNED),
]


def stray_locks(parent: QWidget) -> Iterator[tuple[str, QDialog]]:
    """Names and dialogs, not shown yet."""
    for threat in Threat:
        question = locked_question(threat, list(zip(PLACES, [COMPLIANT, GOVERNED], strict=False)))
        yield f"locked-{threat}", LockedDialog(question, parent)
    yield (
        "lock-preview",
        LockReportDialog(
            tr("Retention and Legal Hold"),
            counts_text(OUTCOMES, is_dry=True),
            outcome_rows(OUTCOMES, is_dry=True),
            tr_n("&Set {count} Lock", "&Set {count} Locks", 1).format(count=1),
            parent,
        ),
    )
    yield "lock", _form(GOVERNED, parent, retention="GOVERNANCE", until="30d")
    yield "lock-compliance", _form(COMPLIANT, parent, retention="COMPLIANCE", until="30d")
    default = LockDefaultForm({"ObjectLockEnabled": "Enabled"})
    default.edit("mode", "COMPLIANCE")
    default.edit("period", "30")
    yield "lock-default-compliance", LockDefaultDialog(default, "ledgers", parent)


def _form(before: LockState, parent: QWidget, **texts: str) -> FormDialog:
    form = LockForm(before, asks_versions=True, now=lambda: NOW)
    dialog = FormDialog(form, tr("&Set"), parent)
    note = Note("before", dialog)
    note.say(lock_of_text(PLACES[0], before, NOW))
    dialog.add_above_fields(note)
    for name, text in (texts | {"agreed": TICKED}).items():
        form.edit(name, text)
    dialog.refresh()
    return dialog
