"""Dialogs that no command opens: something happens first. Each with what it says at its longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import UnreachableError
from s4desk.core.domain.public_access import Exposure, Opening
from s4desk.core.domain.sign_in import SignInKind, SignInNeed
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.review import ConflictDialog as ChangedDialog
from s4desk.gui.dialogs.bucket_config.review import SaveDialog, SaveQuestion
from s4desk.gui.dialogs.busy import BusyDialog
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.details import DetailsDialog
from s4desk.gui.dialogs.passphrase import PassphraseDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.dialogs.sign_in import CodeDialog, PageDialog
from s4desk.viewmodels.config_diff import unified
from s4desk.viewmodels.config_meaning import meaning
from s4desk.viewmodels.config_pages import words_of
from s4desk.viewmodels.config_save_text import conflict_text, exposure_sentences
from s4desk.viewmodels.error_text import details, explain
from s4desk.viewmodels.transfer_rows import ConflictRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QDialog, QWidget

PAGE = SignInNeed(SignInKind.PAGE, "Archive", "work", portal="https://example.awsapps.com/start")
CODE = SignInNeed(SignInKind.CODE, "Archive", "work", role="backup", device="phone")


def stray_dialogs(parent: QWidget) -> Iterator[tuple[str, QDialog]]:
    """Names and dialogs, not shown yet."""
    rows = [ConflictRow(f"photo {n}.jpg", "3,1 MiB, 2026-11-20", "2,9 MiB") for n in range(3)]
    yield "conflicts", ConflictDialog(rows, parent)
    yield "new-passphrase", PassphraseDialog(parent, is_new=True)
    yield "passphrase", PassphraseDialog(parent)
    yield "page", PageDialog(PAGE, parent)
    yield "code", CodeDialog(CODE, parent)
    yield "busy", BusyDialog(tr("Looking through what is to be downloaded."), parent)
    yield (
        "merge",
        QuestionDialog(
            tr("Merge Folders"),
            tr("“{name}” is there already: merge?").format(name="holiday"),
            tr(
                "What is in both folders will be in one, and nothing takes them apart again. You"
                " will be asked about objects that have the same name, unless the settings say"
                " what to do."
            ),
            tr("&Merge"),
            parent,
        ),
    )
    yield (
        "names",
        ReviewDialog(
            tr("Other Names"),
            tr("Looking through what is to be downloaded."),
            (tr("In the store"), tr("On this computer"), tr("Why")),
            [("a:b", "a_b", tr("It has a character that this disk does not allow."))],
            tr("Continue"),
            parent,
            remark=tr("The objects in the store keep their names."),
        ),
    )
    changes = unified({"TagSet": [{"Key": "a"}]}, {"TagSet": [{"Key": "b"}]})
    question = SaveQuestion(
        tr("Save {page}").format(page=words_of(ConfigKind.POLICY).title),
        tr("Save this in “{bucket}”: {page}?").format(bucket="photos", page="Policy"),
        changes,
        meaning(ConfigKind.POLICY, None),
        exposure_sentences([Exposure(Opening.ACL_EVERYBODY, "READ")]),
        "photos",
    )
    yield "save-configuration", SaveDialog(question, parent)
    yield "changed-configuration", ChangedDialog(conflict_text(), changes, changes, parent)
    error = UnreachableError("connection refused", operation="ListBuckets")
    said = explain(error)
    yield "details", DetailsDialog(said.problem, said.advice, details(error), parent)
