"""The editor of lifecycle rules in the window."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStyleOptionViewItem,
    QTabWidget,
)

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.providers import PROVIDERS
from s4desk.gui.dialogs.bucket_config.buttons import PageButtons
from s4desk.gui.dialogs.bucket_config.json_editor import XmlEditor
from s4desk.gui.dialogs.bucket_config.page import XML
from s4desk.gui.dialogs.bucket_config.review import ConflictDialog, SaveDialog
from s4desk.gui.dialogs.lifecycle.rule_dialog import RuleDialog
from s4desk.gui.dialogs.lifecycle.rule_table import RuleModel, RuleView
from s4desk.gui.dialogs.lifecycle_apply import LifecycleApplyDialog
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.config_draft import ConfigDraft
from s4desk.viewmodels.config_pages import PageState
from s4desk.viewmodels.lifecycle_form import RuleForm
from s4desk.viewmodels.lifecycle_form_limits import limits_of
from s4desk.viewmodels.lifecycle_form_rules import RuleList
from s4desk.viewmodels.lifecycle_problems import unclear_text
from tests.gui.bucket_config import (
    button,
    changes,
    meant,
    opened,
    press,
    said,
    saved,
    show_json,
    turned_to,
    type_json,
)
from tests.gui.lifecycle_rules import (
    add_row,
    alt,
    asked_for_rule,
    fill,
    finish,
    rules_of,
    save_by_keys,
    turned_to_rules,
)
from tests.gui.reading import nameless, out_of_order, twins
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_qt.modeltest import ModelTester

    from s4desk.core.desk import Desk

K = ConfigKind
KEY = Qt.Key
RULE = {"ID": "a", "Filter": {"Prefix": "a/"}, "Status": "Enabled", "Expiration": {"Days": 1}}
OTHER = {"ID": "b", "Filter": {"Prefix": "b/"}, "Status": "Enabled", "Expiration": {"Days": 2}}
MINIMUM = "TransitionDefaultMinimumObjectSize"


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


async def tell(stage: Stage, *rules: dict[str, Any]) -> None:
    """Configure the bucket as another client would."""
    document = from_json(K.LIFECYCLE, {"Rules": list(rules)})
    await (await stage.store()).put_document(BUCKET, document)


async def told(stage: Stage) -> dict[str, Any]:
    return as_json(await (await stage.store()).get_document(BUCKET, K.LIFECYCLE))


def test_rules_with_every_field_are_made_by_keys_alone(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to_rules(dialog)
        rule = await asked_for_rule(stage, page, "e")
        await fill(rule, {"n": "everything", "b": "logs/", "h": "1 MiB", "s": "5 GB"})
        await add_row(rule, "t", "tags", ("keep", "no"))
        await fill(rule, {"l": "1", "y": "365"})
        await add_row(rule, "m", "transitions", ("30", "STANDARD_IA"))
        await fill(rule, {"o": "30", "k": "5"})
        await add_row(rule, "v", "old_transitions", ("3", "2", "GLACIER"))
        assert nameless(rule) == []
        await finish(stage, rule)

        rule = await asked_for_rule(stage, page, "e")
        await fill(rule, {"n": "leftovers", "l": "3", "u": "7"})
        await alt(rule, "w")
        await finish(stage, rule)

        rule = await asked_for_rule(stage, page, "e")
        await fill(rule, {"n": "then", "b": "old/", "l": "2", "d": "2030-01-31"})
        await add_row(rule, "m", "transitions", ("2030-01-01", "COLD"))
        await finish(stage, rule)

        await alt(dialog, "b")
        QTest.keyClick(dialog.focusWidget(), KEY.Key_Down)
        QTest.keyClick(dialog.focusWidget(), KEY.Key_Down)
        await save_by_keys(stage, page)
        assert await told(stage) == {
            "Rules": [
                {
                    "ID": "everything",
                    "Filter": {
                        "And": {
                            "Prefix": "logs/",
                            "Tags": [{"Key": "keep", "Value": "no"}],
                            "ObjectSizeGreaterThan": 1024**2,
                            "ObjectSizeLessThan": 5 * 1000**3,
                        }
                    },
                    "Status": "Enabled",
                    "Expiration": {"Days": 365},
                    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
                    "NoncurrentVersionExpiration": {
                        "NoncurrentDays": 30,
                        "NewerNoncurrentVersions": 5,
                    },
                    "NoncurrentVersionTransitions": [
                        {
                            "NoncurrentDays": 3,
                            "NewerNoncurrentVersions": 2,
                            "StorageClass": "GLACIER",
                        }
                    ],
                },
                {
                    "ID": "leftovers",
                    "Filter": {"Prefix": ""},
                    "Status": "Disabled",
                    "Expiration": {"ExpiredObjectDeleteMarker": True},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                },
                {
                    "ID": "then",
                    "Filter": {"Prefix": "old/"},
                    "Status": "Enabled",
                    "Expiration": {"Date": "2030-01-31T00:00:00Z"},
                    "Transitions": [{"Date": "2030-01-01T00:00:00Z", "StorageClass": "COLD"}],
                },
            ],
            MINIMUM: "varies_by_storage_class",
        }
        QTest.keyClick(dialog, KEY.Key_Escape)

    perform(desk, story)


def test_rules_are_switched_ordered_copied_and_removed_by_keys(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        await tell(stage, RULE, OTHER)
        dialog = await opened(stage)
        page = await turned_to_rules(dialog)
        view = rules_of(page)
        view.setFocus()
        QTest.keyClick(view, KEY.Key_Space)
        assert page.draft.value["Rules"][0]["Status"] == "Disabled"
        assert page.state is PageState.EDITED
        QTest.keyClick(view, KEY.Key_Down, Qt.KeyboardModifier.AltModifier)
        assert ids(page) == ["b", "a"]
        assert view.row == 1
        QTest.keyClick(view, KEY.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert ids(page) == ["a", "b"]
        await alt(dialog, "u")
        assert ids(page) == ["a", "a-2", "b"]
        assert view.row == 1
        await alt(dialog, "n")
        assert ids(page) == ["a", "b", "a-2"]
        await alt(dialog, "p")
        view.setFocus()
        QTest.keyClick(view, KEY.Key_Delete)
        assert ids(page) == ["a", "b"]
        QTest.keyClick(view, KEY.Key_Return)
        rule = await stage.opened(RuleDialog)
        await fill(rule, {"n": "a"})
        assert "Another rule has the ID “a” too." in rule.form.errors["id"]
        assert not rule.findChild(QPushButton, "finish").isEnabled()
        await fill(rule, {"n": "c"})
        await finish(stage, rule)
        assert ids(page) == ["a", "c"]
        await save_by_keys(stage, page)
        assert [each["ID"] for each in (await told(stage))["Rules"]] == ["a", "c"]
        dialog.reject()

    perform(desk, story)


def ids(page: Any) -> list[str]:
    return [each["ID"] for each in page.draft.value["Rules"]]


def test_nothing_is_changed_by_looking_and_what_is_unknown_stays(desk: Desk) -> None:
    body = (
        b'<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><!-- mine -->'
        b"<Rule><ID>a</ID><Prefix>a/</Prefix><Status>Enabled</Status>"
        b"<Expiration><Days>1</Days><Novel>kept</Novel></Expiration></Rule>"
        b"</LifecycleConfiguration>"
    )

    async def story(stage: Stage) -> None:
        await stage.open()
        store = await stage.store()
        await store.put_document(BUCKET, BucketDocument(K.LIFECYCLE, body))
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        assert not page.draft.is_edited
        assert "“Expiration/Novel” is not known here" in meant(page)
        press(page, "edit")
        rule = await stage.opened(RuleDialog)
        assert rule.findChild(QPushButton, "finish").isEnabled()
        await finish(stage, rule)
        assert not page.draft.is_edited

        press(page, "edit")
        rule = await stage.opened(RuleDialog)
        await fill(rule, {"y": "3"})
        await finish(stage, rule)
        lines = await saved(stage, page)
        assert [line.split() for line in lines] == [["-", '"Days":', "1,"], ["+", '"Days":', "3,"]]
        after = (await store.get_document(BUCKET, K.LIFECYCLE)).body
        assert after == body.replace(b"<Days>1", b"<Days>3")
        dialog.reject()

    perform(desk, story)


def test_what_is_odd_about_rules_stands_below_them(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        await tell(stage, {**OTHER, "Filter": {"Prefix": ""}}, {**RULE, "Expiration": {"Days": 9}})
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        odd = [
            "2 rules, 2 switched on.",
            "Rule “a”: It never deletes anything: rule “b” has deleted all of that after 2 days.",
        ]
        assert meant(page).splitlines() == odd
        views = page.findChild(QTabWidget, "views")
        for text in (1, XML):
            views.setCurrentIndex(text)
            assert meant(page).splitlines()[:2] == odd
            assert "Rule “b”: All objects are deleted 2 days" in meant(page)
        views.setCurrentIndex(0)
        rules_of(page).go_to(1)
        press(page, "edit")
        rule = await stage.opened(RuleDialog)
        box = rule.findChild(QPlainTextEdit, "meaning")
        assert "rule “b” has deleted all of that" in box.toPlainText()
        await fill(rule, {"y": "1"})
        assert box.toPlainText() == "Objects under “a/” are deleted 1 day after creation."
        await fill(rule, {"h": "1 MiB", "u": "3"})
        await fill(rule, {"n": "a"})
        problem = rule.findChild(QLabel, "problem").text()
        assert problem.startswith("Abort unfinished uploads after days: Uploads and delete markers")
        rule.reject()
        dialog.reject()

    perform(desk, story)


def test_json_and_xml_are_the_same_value(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        await tell(stage, RULE)
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        views, xml = page.findChild(QTabWidget, "views"), page.findChild(XmlEditor)
        views.setCurrentIndex(XML)
        assert "    <ID>a</ID>\n" in xml.toPlainText()
        xml.setPlainText(xml.toPlainText().replace("<Days>1<", "<Days>5<"))
        assert page.draft.value["Rules"][0]["Expiration"] == {"Days": 5}
        assert "5 days after creation" in meant(page)
        assert '"Days": 5' in show_json(page)
        value = json.loads(show_json(page))
        value["Rules"].append(OTHER)
        type_json(page, json.dumps(value))
        views.setCurrentIndex(0)
        assert rules_of(page).model().rowCount() == 2

        views.setCurrentIndex(XML)
        xml.setPlainText("<LifecycleConfiguration>\n  <Rule>\n</LifecycleConfiguration>")
        assert said(page) == "Line 3, column 3: This is not XML that can be read."
        assert not views.isTabEnabled(0)
        press(page, "go")
        assert xml.textCursor().blockNumber() == 2
        xml.setPlainText("<CORSConfiguration/>")
        assert "It begins with <LifecycleConfiguration>." in said(page)
        press(page, "revert")
        assert "<Days>1<" in xml.toPlainText()
        dialog.reject()

    perform(desk, story)


def test_rules_that_do_not_say_what_they_are_about_are_refused_as_verbs_do(desk: Desk) -> None:
    """Nothing where a filter belongs may be a slip, and a store may take it for all objects."""

    async def story(stage: Stage) -> None:
        await stage.open()
        bare = {name: each for name, each in RULE.items() if name != "Filter"}
        await tell(stage, bare)
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        assert said(page) == ""
        slip = {**bare, "ID": "slip"}
        type_json(page, json.dumps({"Rules": [bare, slip]}))
        unclear = unclear_text([bare, slip], [bare])
        assert unclear.startswith("Rule “slip”: It does not say which objects it is about.")
        assert said(page) == unclear
        assert not button(page, "save").isEnabled()

        press(page, "preview")
        preview = await stage.opened(LifecyclePreviewDialog)
        await until(lambda: button(preview, "apply").isEnabled())
        press(preview, "apply")
        assert preview.outcome.text() == unclear
        assert stage.dialog(LifecycleApplyDialog) is None
        preview.reject()
        await until(lambda: stage.dialog(LifecyclePreviewDialog) is None)

        for lost in ("logs/", {"Moon": "full"}):
            type_json(page, json.dumps({"Rules": [bare, {**slip, "Filter": lost}]}))
            press(page, "save")
            await until(lambda: "all objects. Nothing was changed." in said(page))
            assert stage.dialog(SaveDialog) is None

        type_json(page, json.dumps({"Rules": [bare, {**slip, "Filter": {}}]}))
        assert said(page) == ""
        assert button(page, "save").isEnabled()
        press(page, "revert")
        dialog.reject()

    perform(desk, story)


def test_what_is_no_list_of_rules_is_left_to_json(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        type_json(page, '{"Rules": [1]}')
        page.findChild(QTabWidget, "views").setCurrentIndex(0)
        assert page.findChild(QLabel, "unreadable").text().startswith("This is no list of rules.")
        assert not button(page, "add").isEnabled()
        assert page.draft.value == {"Rules": [1]}
        press(page, "preview")
        await until(lambda: "list of rules" in said(page))
        press(page, "revert")
        dialog.reject()

    perform(desk, story)


def test_without_a_rule_the_configuration_is_deleted_after_a_look(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        await tell(stage, RULE)
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        press(page, "remove-rule")
        press(page, "save")
        asked = await stage.opened(SaveDialog)
        words = " ".join(each.text() for each in asked.findChildren(QLabel))
        assert "Gone. Rule “a”: Objects under “a/” are deleted 1 day after creation." in words
        assert {line[0] for line in changes(asked)} == {"-"}
        press(asked, "save")
        await until(lambda: page.state is PageState.NOT_SET)
        assert await told(stage) == {}
        dialog.reject()

    perform(desk, story)


def test_a_change_of_somebody_else_is_not_overwritten(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        await tell(stage, RULE)
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        rules_of(page).setFocus()
        QTest.keyClick(rules_of(page), KEY.Key_Space)
        await tell(stage, OTHER)
        press(page, "save")
        press(await stage.opened(SaveDialog), "save")
        press(await stage.opened(ConflictDialog), "theirs")
        await until(lambda: ids(page) == ["b"])
        assert (await told(stage))["Rules"] == [OTHER]
        dialog.reject()

    perform(desk, story)


def test_what_a_store_forgets_is_undone_and_told_by_the_name_of_the_rule(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        await tell(stage, OTHER)
        store = await stage.store()
        put = store.put_document

        async def forgetful(bucket: str, document: BucketDocument) -> None:
            """Takes a filter by size and keeps the rest, as Ceph 16 does."""
            value = as_json(document)
            for rule in value["Rules"]:
                rule["Filter"].pop("ObjectSizeGreaterThan", None)
            await put(bucket, from_json(K.LIFECYCLE, value))

        monkeypatch.setattr(store, "put_document", forgetful)
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        rule = await asked_for_rule(stage, page, "e")
        await fill(rule, {"n": "large", "h": "1 GiB", "l": "1", "y": "5"})
        await finish(stage, rule)
        press(page, "save")
        press(await stage.opened(SaveDialog), "save")
        question = await stage.opened(QuestionDialog)
        assert said(page).splitlines() == [
            "The store does not keep all of it.",
            "Rule “large” is kept without “larger than”. It would have meant: All objects are"
            " deleted 5 days after creation.",
            "What was there before is there again.",
        ]
        question.reject()
        await until(lambda: page.is_open)
        assert (await told(stage))["Rules"] == [OTHER]
        assert ids(page) == ["b", "large"]
        assert page.state is PageState.EDITED
        press(page, "revert")
        dialog.reject()

    perform(desk, story)


def test_the_preview_is_offered_once_somebody_listens(qtbot: Any) -> None:
    buttons = PageButtons(K.LIFECYCLE)
    qtbot.addWidget(buttons)
    draft = ConfigDraft(K.LIFECYCLE, {"Rules": [RULE]})

    def fit() -> None:
        buttons.fit(draft, BUCKET, PageState.SET, is_open=True, is_busy=False)

    fit()
    preview = buttons.findChild(QPushButton, "preview")
    assert preview.isHidden()
    buttons.let_preview()
    assert not preview.isHidden()
    assert buttons.beside_title.isAncestorOf(preview)  # below there is no room for longer words
    asked: list[Any] = []
    buttons.preview_asked.connect(asked.append)
    draft.edit({"Rules": [OTHER]})
    preview.click()
    draft.edit_text("{")
    fit()
    preview.click()
    assert asked == [{"Rules": [OTHER]}]


def test_everything_has_a_name_a_place_and_a_letter_of_its_own(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        await tell(stage, RULE, OTHER)
        dialog = await opened(stage)
        page = await turned_to(dialog, K.LIFECYCLE)
        assert (nameless(dialog), out_of_order(dialog), twins(dialog)) == ([], [], [])
        press(page, "edit")
        rule = await stage.opened(RuleDialog)
        for kind in range(4):
            rule.form.edit("expire", ("", "days", "date", "markers")[kind])
            assert (nameless(rule), out_of_order(rule), twins(rule)) == ([], [], [])
        rule.reject()
        dialog.reject()

    perform(desk, story)


def test_what_a_store_does_not_have_is_closed_and_says_why(qtbot: Any) -> None:
    dialog = RuleDialog(RuleForm(RULE, [RULE], 0, limits=limits_of(PROVIDERS["r2"])))
    qtbot.addWidget(dialog)
    dialog.show()
    closed = [name for name, editor in dialog.tables.items() if not editor.isEnabled()]
    assert closed == ["tags", "old_transitions"]
    for name in ("larger", "smaller", "old_days", "old_newer"):
        line = dialog.findChild(QLineEdit, name)
        assert not line.isEnabled()
        assert line.accessibleDescription().startswith("Cloudflare R2 does not have this")
    words = [each.text() for each in dialog.findChildren(QLabel)]
    assert sum(each.startswith("Cloudflare R2 does not have") for each in words) == 6
    dialog = RuleDialog(RuleForm(RULE, [RULE], 0, limits=limits_of(PROVIDERS["ceph"])))
    qtbot.addWidget(dialog)
    assert dialog.findChild(QLineEdit, "larger").isEnabled()
    assert "read back" in dialog.findChild(QLineEdit, "larger").accessibleDescription()


def test_classes_are_offered_and_others_typed(qtbot: Any) -> None:
    dialog = RuleDialog(RuleForm(RULE, [RULE], 0))
    qtbot.addWidget(dialog)
    editor = dialog.tables["transitions"]
    editor.model.add()
    delegate, index = editor.view.itemDelegate(), editor.model.index(0, 1)
    box = delegate.createEditor(editor.view, QStyleOptionViewItem(), index)
    assert isinstance(box, QComboBox)
    assert box.itemText(0) == "STANDARD_IA"
    delegate.setEditorData(box, index)
    QTest.keyClicks(box, "GLACIER")
    delegate.setModelData(box, editor.model, index)
    assert index.data() == "GLACIER"
    assert dialog.form.errors["transitions"].startswith("Row 1, “When”")
    assert not dialog.findChild(QPushButton, "finish").isEnabled()


def test_the_model_of_rules_is_sound(qtmodeltester: ModelTester, qtbot: Any) -> None:
    rules = RuleList({"Rules": [RULE, {**OTHER, "Status": "Disabled"}]})
    model = RuleModel(rules)
    qtmodeltester.check(model)
    assert model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "b, off"
    changed: list[int] = []
    model.dataChanged.connect(lambda top, _bottom: changed.append(top.row()))
    checked = Qt.ItemDataRole.CheckStateRole
    assert model.setData(model.index(1, 0), Qt.CheckState.Checked.value, checked)
    assert changed == [1]
    assert rules.is_on(1)
    view = RuleView(model)
    qtbot.addWidget(view)
    view.go_to(5)
    assert view.row == 1
    flags = QItemSelectionModel.SelectionFlag
    view.selectionModel().setCurrentIndex(model.index(0, 1), flags.ClearAndSelect)
    asked: list[str] = []
    view.deed_asked.connect(asked.append)
    for key in (KEY.Key_Space, KEY.Key_Return, KEY.Key_Delete):
        QTest.keyClick(view, key)
    assert asked == ["switch", "edit", "remove"]


def test_what_is_wrong_takes_one_sentence_and_leaves_room(qtbot: Any) -> None:
    dialog = RuleDialog(RuleForm(RULE))
    qtbot.addWidget(dialog)
    for name, text in (("id", "x" * 300), ("larger", "much"), ("abort_days", "0")):
        dialog.findChild(QLineEdit, name).setText(text)
    problem = dialog.findChild(QLabel, "problem")
    told = problem.toolTip().splitlines()
    assert len(told) > 1
    assert problem.text() == f"{told[0]} And {len(told) - 1} more."
    dialog.findChild(QLineEdit, "id").setText("x")
    assert problem.toolTip().splitlines() == told[1:]
