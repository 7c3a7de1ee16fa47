"""Dialogs that no command opens: something happens first. Each with what it says at its longest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import UnreachableError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.prices import Prices
from s4desk.core.domain.public_access import Exposure, Opening
from s4desk.core.domain.replication.rules import Destination, Kept
from s4desk.core.domain.replication.rules import Rule as ReplicationRule
from s4desk.core.domain.sign_in import SignInKind, SignInNeed
from s4desk.core.replication.comparing import Difference, Kind
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.bucket_config.review import ConflictDialog as ChangedDialog
from s4desk.gui.dialogs.bucket_config.review import SaveDialog, SaveQuestion
from s4desk.gui.dialogs.busy import BusyDialog
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.details import DetailsDialog
from s4desk.gui.dialogs.lifecycle.rule_dialog import RuleDialog
from s4desk.gui.dialogs.passphrase import PassphraseDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.replication_compare import ReplicationCompareDialog
from s4desk.gui.dialogs.replication_native import NativeReplicationDialog
from s4desk.gui.dialogs.replication_rule import ReplicationRuleDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.dialogs.share import QrCodeDialog
from s4desk.gui.dialogs.sign_in import CodeDialog, PageDialog
from s4desk.gui.dialogs.text_editor import LostUpdateDialog
from s4desk.viewmodels.config_diff import unified
from s4desk.viewmodels.config_meaning import meaning
from s4desk.viewmodels.config_pages import words_of
from s4desk.viewmodels.config_save_text import conflict_text, exposure_sentences
from s4desk.viewmodels.error_text import details, explain
from s4desk.viewmodels.lifecycle_form import RuleForm
from s4desk.viewmodels.link_text import SignedLink, link_text
from s4desk.viewmodels.lock_out_text import word_text
from s4desk.viewmodels.native_replication import NativeRules
from s4desk.viewmodels.price_form import PriceForm
from s4desk.viewmodels.qr_code import code_of
from s4desk.viewmodels.replication_compare import compare_row, unlooked_text
from s4desk.viewmodels.replication_rule_form import ReplicationRuleForm
from s4desk.viewmodels.text_editing import differences
from s4desk.viewmodels.transfer_rows import ConflictRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QDialog, QWidget

PAGE = SignInNeed(SignInKind.PAGE, "Archive", "work", portal="https://example.awsapps.com/start")
CODE = SignInNeed(SignInKind.CODE, "Archive", "work", role="backup", device="phone")

RULE: dict[str, object] = {
    "ID": "logs",
    "Status": "Enabled",
    "Filter": {"Prefix": "logs/", "Tag": {"Key": "keep", "Value": "no"}},
    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
    "Expiration": {"Days": 365},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 5},
}


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
        word_text("photos", is_shutting_out=False),
    )
    yield "save-configuration", SaveDialog(question, parent)
    yield "changed-configuration", ChangedDialog(conflict_text(), changes, changes, parent)
    yield "lifecycle-rule", RuleDialog(RuleForm(RULE, [RULE], 0), parent)
    yield from _of_replication(parent)
    yield from _of_one_object(parent)
    error = UnreachableError("connection refused", operation="ListBuckets")
    said = explain(error)
    yield "details", DetailsDialog(said.problem, said.advice, details(error), parent)


def _of_replication(parent: QWidget) -> Iterator[tuple[str, QDialog]]:
    home, away = ConnectionId("home"), ConnectionId("away")
    to = Destination(away, "copies", "photos/")
    rule = ReplicationRule("to-away", to, versions=Kept.LATEST)
    names = [(home, "Home"), (away, "Away")]
    yield "replication-rule", ReplicationRuleDialog(ReplicationRuleForm(rule, names), parent)
    native = NativeRules([rule], home, str)
    yield "native-replication", NativeReplicationDialog(native, "Home:photos", parent)
    dialog = ReplicationCompareDialog("Home:photos", "Away:copies/photos", parent)
    differing = Difference(
        Kind.ATTRIBUTES, "a/b.jpg", 10**9, 10**9, differs=("content_type", "metadata", "tags")
    )
    dialog.begin("", is_thorough=True)
    dialog.add([compare_row(differing)])
    dialog.end(unlooked_text(), can_look=True, can_save=True)
    yield "replication-compare", dialog


def _of_one_object(parent: QWidget) -> Iterator[tuple[str, QDialog]]:
    link = SignedLink(
        "https://photos.example.test/" + "a" * 400, datetime(2026, 11, 28, tzinfo=UTC)
    )
    code = code_of(link.url)
    assert code is not None
    yield "qr-code", QrCodeDialog(code, link_text(link), parent)
    theirs, mine = "port = 80\nhost = a\n", "port = 81\nhost = a\n"
    about = tr(
        "Since you opened it, the object was deleted. Go on with yours, and the next Save makes it"
        " again."
    )
    yield "lost-update", LostUpdateDialog(theirs, mine, differences(theirs, mine), about, parent)
    form = PriceForm(Prices(), ["STANDARD", "INTELLIGENT_TIERING"])
    yield "prices", FormDialog(form, tr("Save"), parent)
