"""Lifecycle rules from the form to real servers and back into the form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.gui.dialogs.bucket_config.review import SaveDialog
from s4desk.gui.dialogs.lifecycle.rule_dialog import RuleDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.lifecycle_form import RuleForm
from tests.gui.bucket_config import opened, press, said, saved, turned_to
from tests.gui.lifecycle_rules import (
    add_row,
    asked_for_rule,
    fill,
    finish,
    rules_of,
    save_by_keys,
    turned_to_rules,
)
from tests.gui.real_store import connection_to, go
from tests.gui.stage import memory_desk, perform, until
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
    from tests.gui.stage import Stage
    from tests.servers.endpoint import Endpoint

    Story = Callable[[Stage, BucketConfigDialog, str, Any], Awaitable[None]]

K = ConfigKind


@pytest.fixture
def told_at(
    qapp: object,
    tmp_path: Path,
    new_bucket: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., None]:
    """Tell a story in the configuration of a new bucket, with another client at hand."""

    def tell(server: Endpoint, story: Story) -> None:
        bucket = new_bucket(server)

        async def whole(stage: Stage) -> None:
            await go(stage, bucket)
            dialog = await opened(stage)
            with s3_client(server) as client:
                await story(stage, dialog, bucket, client)
            dialog.reject()

        connections = (connection_to(server, monkeypatch),)
        perform(memory_desk(tmp_path / "home"), whole, connections=connections)

    return tell


Cells = dict[str, list[tuple[str, ...]]]
KINDS: dict[str, tuple[dict[str, str], Cells]] = {
    "days": ({"expire": "days", "expire_days": "30"}, {}),
    "date": ({"expire": "date", "expire_date": "2030-01-31"}, {}),
    "off": ({"is_on": "", "expire": "days", "expire_days": "1"}, {}),
    "markers": ({"expire": "markers"}, {}),
    "one-tag": ({"prefix": "", "abort_days": "", "old_days": "3"}, {"tags": [("k", "v")]}),
    "tags": ({"old_days": "3"}, {"tags": [("key", "value"), ("größe", "")]}),
    "moves": ({}, {"transitions": [("30", "STANDARD_IA"), ("90", "GLACIER")]}),
    "dated-moves": ({}, {"transitions": [("2030-01-01", "GLACIER")]}),
    "old": ({"old_days": "9"}, {"old_transitions": [("3", "", "GLACIER")]}),
    "uploads": ({"abort_days": "7"}, {}),
}
STRICT: dict[str, tuple[dict[str, str], Cells]] = {
    "larger": ({"prefix": "", "larger": "1 MiB", "old_days": "1"}, {}),
    "sizes": ({"larger": "0 B", "smaller": "5 GB", "old_days": "1"}, {}),
    "newer": ({"old_days": "9", "old_newer": "100"}, {"old_transitions": [("3", "2", "GLACIER")]}),
}


def made(name: str, texts: dict[str, str], cells: Cells) -> dict[str, Any]:
    """A rule that was typed into the form."""
    form = RuleForm({"ID": name, "Filter": {"Prefix": ""}, "Status": "Enabled"})
    for field, text in ({"prefix": f"{name}/"} | texts).items():
        form.edit(field, text)
    for table, rows in cells.items():
        for row in rows:
            at = form.table(table).add()
            for column, text in enumerate(row):
                form.table(table).edit(at, column, text)
    assert form.errors == {}, (name, form.errors)
    return form.result()


def texts_of(rule: dict[str, Any]) -> dict[str, Any]:
    form = RuleForm(rule)
    tables = (form.tags, form.transitions, form.old_transitions)
    rows = {str(at): sorted(row.texts for row in each.rows) for at, each in enumerate(tables)}
    return {name: field.text for name, field in form.fields.items()} | rows


@pytest.mark.parametrize("name", ["ceph", "localstack"])
def test_each_element_comes_back_into_the_form_as_it_was_typed(
    name: str, request: pytest.FixtureRequest, told_at: Callable[..., None]
) -> None:
    kinds = KINDS if name == "ceph" else KINDS | STRICT
    wanted = [made(each, *said) for each, said in kinds.items()]

    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to(dialog, K.LIFECYCLE)
        page.replace({"Rules": wanted})
        await saved(stage, page)
        back = {rule["ID"]: rule for rule in page.draft.value["Rules"]}
        assert {each: texts_of(rule) for each, rule in back.items()} == {
            rule["ID"]: texts_of(rule) for rule in wanted
        }
        assert not page.draft.is_edited
        there = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert {rule["ID"] for rule in there} == set(kinds)

    told_at(request.getfixturevalue(name), story)


def test_a_rule_is_typed_by_keys_and_the_store_has_it(
    localstack: Endpoint, told_at: Callable[..., None]
) -> None:
    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to_rules(dialog)
        rule = await asked_for_rule(stage, page, "e")
        await fill(rule, {"n": "logs", "b": "logs/", "h": "1 MiB", "l": "1", "y": "365"})
        await add_row(rule, "t", "tags", ("keep", "no"))
        await add_row(rule, "m", "transitions", ("30", "STANDARD_IA"))
        await fill(rule, {"o": "30", "k": "5"})
        await finish(stage, rule)
        await save_by_keys(stage, page)
        [there] = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert there == {
            "ID": "logs",
            "Status": "Enabled",
            "Filter": {
                "And": {
                    "Prefix": "logs/",
                    "Tags": [{"Key": "keep", "Value": "no"}],
                    "ObjectSizeGreaterThan": 1024**2,
                }
            },
            "Expiration": {"Days": 365},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 5},
        }

    told_at(localstack, story)


Typed = dict[str, tuple[dict[str, str], Cells, dict[str, Any]]]
TYPED: Typed = {
    "days": (
        {"b": "logs/", "l": "1", "y": "30"},
        {},
        {"Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}},
    ),
    "date": (
        {"b": "a/", "l": "2", "d": "2030-01-31"},
        {},
        {
            "Filter": {"Prefix": "a/"},
            "Expiration": {"Date": datetime(2030, 1, 31, tzinfo=UTC)},
        },
    ),
    "markers": (
        {"b": "b/", "l": "3", "u": "7"},
        {},
        {
            "Filter": {"Prefix": "b/"},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
    ),
    "off": (
        {"b": "c/", "w": "", "o": "3"},
        {},
        {
            "Filter": {"Prefix": "c/"},
            "Status": "Disabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
        },
    ),
    "tag": (
        {"l": "1", "y": "9"},
        {"tags": [("keep", "no")]},
        {"Filter": {"Tag": {"Key": "keep", "Value": "no"}}, "Expiration": {"Days": 9}},
    ),
    "moves": (
        {"b": "d/", "l": "1", "y": "400"},
        {"tags": [("team", ""), ("k", "v")], "transitions": [("30", "STANDARD_IA")]},
        {
            "Filter": {
                "And": {
                    "Prefix": "d/",
                    "Tags": [{"Key": "team", "Value": ""}, {"Key": "k", "Value": "v"}],
                }
            },
            "Expiration": {"Days": 400},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
        },
    ),
    "prefix-and-tag": (
        {"b": "h/", "l": "1", "y": "5"},
        {"tags": [("k", "v")]},
        {
            "Filter": {"And": {"Prefix": "h/", "Tags": [{"Key": "k", "Value": "v"}]}},
            "Expiration": {"Days": 5},
        },
    ),
    "dated-move": (
        {"b": "e/"},
        {"transitions": [("2030-01-01", "GLACIER")]},
        {
            "Filter": {"Prefix": "e/"},
            "Transitions": [{"Date": datetime(2030, 1, 1, tzinfo=UTC), "StorageClass": "GLACIER"}],
        },
    ),
    "old-moves": (
        {"b": "f/", "o": "9"},
        {"old_transitions": [("3", "", "GLACIER")]},
        {
            "Filter": {"Prefix": "f/"},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 3, "StorageClass": "GLACIER"}],
        },
    ),
}
"""What is typed into the fields of these letters and into rows of tables, and what another client
reads then."""
TYPED_STRICT: Typed = {
    "larger": (
        {"h": "1 MiB", "l": "1", "y": "5"},
        {},
        {"Filter": {"ObjectSizeGreaterThan": 1024**2}, "Expiration": {"Days": 5}},
    ),
    "sizes": (
        {"b": "g/", "h": "0 B", "s": "5 GB", "o": "9", "k": "100"},
        {"old_transitions": [("1", "2", "GLACIER")]},
        {
            "Filter": {
                "And": {
                    "Prefix": "g/",
                    "ObjectSizeGreaterThan": 0,
                    "ObjectSizeLessThan": 5 * 1000**3,
                }
            },
            "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 100},
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2, "StorageClass": "GLACIER"}
            ],
        },
    ),
}


def filed(rule: dict[str, Any], name: str) -> dict[str, Any]:
    """A rule as a server writes it: Ceph puts tags in order, and takes out of an And what it can
    say without one."""
    parts = dict(rule["Filter"].get("And", {}))
    if name != "ceph" or not parts:
        return rule
    shown = {"Prefix": parts["Prefix"]} if "Prefix" in parts else {}
    tags = sorted(parts["Tags"], key=lambda each: each["Key"])
    shown |= {"And": {"Tags": tags}} if len(tags) > 1 else {"Tag": tags[0]}
    return rule | {"Filter": shown}


LETTERS = {"tags": "t", "transitions": "m", "old_transitions": "v"}


@pytest.mark.parametrize("name", ["ceph", "localstack"])
def test_every_element_is_typed_read_by_another_client_and_edited_without_loss(
    name: str, request: pytest.FixtureRequest, told_at: Callable[..., None]
) -> None:
    typed = TYPED if name == "ceph" else TYPED | TYPED_STRICT
    wanted = {
        id_: {"ID": id_, "Status": "Enabled"} | filed(rule, name)
        for id_, (_, _, rule) in typed.items()
    }

    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        def there() -> dict[str, Any]:
            rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
            return {rule["ID"]: rule for rule in rules}

        page = await turned_to_rules(dialog)
        for id_, (texts, rows, _) in typed.items():
            rule = await asked_for_rule(stage, page, "e")
            await fill(rule, {"n": id_} | texts)
            for table, each in rows.items():
                for cells in each:
                    await add_row(rule, LETTERS[table], table, cells)
            await finish(stage, rule)
        await save_by_keys(stage, page)
        assert there() == wanted

        for row in range(len(typed)):
            view = rules_of(page)
            view.setFocus()
            QTest.keyClick(view, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
            for _ in range(row):
                QTest.keyClick(view, Qt.Key.Key_Down)
            QTest.keyClick(view, Qt.Key.Key_Return)
            rule = await stage.opened(RuleDialog)
            await until(rule.isActiveWindow)
            await fill(rule, {"n": f"{rule.form.fields['id'].text} again"})
            await finish(stage, rule)
        await save_by_keys(stage, page)
        again = {f"{id_} again": rule | {"ID": f"{id_} again"} for id_, rule in wanted.items()}
        assert there() == again

    told_at(request.getfixturevalue(name), story)


def test_the_least_size_of_moves_is_kept(
    localstack: Endpoint, told_at: Callable[..., None]
) -> None:
    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to(dialog, K.LIFECYCLE)
        rule = made("moves", {}, {"transitions": [("30", "GLACIER")]})
        minimum = {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}
        page.replace({"Rules": [rule]} | minimum)
        await saved(stage, page)
        there = client.get_bucket_lifecycle_configuration(Bucket=bucket)
        assert there["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
        assert page.draft.value["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"

    told_at(localstack, story)


def test_a_prefix_of_the_old_kind_is_kept_as_it_is(
    ceph: Endpoint, told_at: Callable[..., None]
) -> None:
    old = {"ID": "old", "Prefix": "a/", "Status": "Enabled", "Expiration": {"Days": 3}}

    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [old]}
        )
        page = await turned_to(dialog, K.LIFECYCLE)
        assert page.draft.value["Rules"][0]["Prefix"] == "a/"
        form = RuleForm(page.draft.value["Rules"][0])
        form.edit("prefix", "b/")
        page.replace({"Rules": [form.result()]})
        await saved(stage, page)
        [there] = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert there == {**old, "Prefix": "b/"}
        view = rules_of(page)
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Space)
        await saved(stage, page)
        [there] = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert there == {**old, "Prefix": "b/", "Status": "Disabled"}

    told_at(ceph, story)


@pytest.mark.parametrize(
    ("texts", "said_of_it"),
    [
        (
            {"larger": "1 GiB", "expire": "days", "expire_days": "5"},
            "Rule “big” is kept without “larger than”. It would have meant: Objects under “big/”"
            " are deleted 5 days after creation.",
        ),
        (
            {"old_days": "5", "old_newer": "3"},
            "Rule “big” is kept without the number of old versions that it keeps. It would have"
            " meant: Old versions of objects under “big/” are deleted 5 days after they were"
            " replaced.",
        ),
    ],
    ids=["sizes", "newer"],
)
def test_what_ceph_forgets_is_undone_and_said_by_name(
    ceph: Endpoint, told_at: Callable[..., None], texts: dict[str, str], said_of_it: str
) -> None:
    before = made("before", {"expire": "days", "expire_days": "9"}, {})

    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [before]}
        )
        page = await turned_to(dialog, K.LIFECYCLE)
        page.replace({"Rules": [*page.draft.value["Rules"], made("big", texts, {})]})
        press(page, "save")
        press(await stage.opened(SaveDialog), "save")
        question = await stage.opened(QuestionDialog)
        assert said_of_it in said(page).splitlines(), said(page)
        assert "What was there before is there again." in said(page)
        question.reject()
        await until(lambda: page.is_open)
        [there] = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert (there["ID"], there["Expiration"]) == ("before", {"Days": 9})
        page.revert()

    told_at(ceph, story)
