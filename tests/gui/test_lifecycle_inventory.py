"""What lifecycle rules will do to a bucket by a report of it, in the window."""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
)

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.lifecycle import inventory_database
from s4desk.core.lifecycle.inventory_database import Database
from s4desk.gui.commands import lifecycle_view
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.gui.dialogs.table import TextTable
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.lifecycle_sheet import FindingColumn, Kind
from s4desk.viewmodels.places import Place
from tests.gui.bucket_config import press
from tests.gui.reading import nameless, out_of_order, twins
from tests.gui.stage import HOME, Stage, memory_desk, perform, until
from tests.gui.stage import press as press_words
from tests.gui.test_commands import choose
from tests.gui.test_lifecycle_previewing import cells, gone, is_done, keys, note, pick
from tests.lifecycle.reports import write_csv, write_manifest, write_parquet
from tests.lifecycle.shelf import BUCKET, Shelf, everything_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.desk import Desk

RULES = [
    {
        "ID": "logs",
        "Filter": {"Prefix": "logs/"},
        "Status": "Enabled",
        "Expiration": {"Days": 30},
    },
    {
        "ID": "cold",
        "Filter": {"Prefix": "data/"},
        "Status": "Enabled",
        "Transitions": [{"Days": 20, "StorageClass": "GLACIER"}],
    },
    {
        "ID": "old",
        "Filter": {"Prefix": ""},
        "Status": "Enabled",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 5},
    },
]
LARGE = 200_000
REPORT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


async def shelved(stage: Stage, versioning: Versioning = Versioning.ENABLED) -> Shelf:
    """A bucket with a past is looked at, by its saved rules."""
    shelf = Shelf(versioning, page=1000)
    stage.desk.stores._stores[HOME] = shelf
    now = datetime.now(UTC).replace(microsecond=0)
    for at in range(10):
        age = timedelta(days=at * 5)
        shelf.place(f"logs/{at}", now - age - timedelta(days=10), 100)
        if versioning is not Versioning.OFF:
            shelf.place(f"logs/{at}", now - age, 120)
        shelf.place(f"data/{at}", now - age, LARGE)
        shelf.place(f"keep/{at}", now - age)
    rules = from_json(ConfigKind.LIFECYCLE, {"Rules": RULES})
    shelf.buckets[BUCKET].tell(rules)
    stage.commands.browsing.go(Place(HOME, Prefix(BUCKET)))
    await stage.rested()
    return shelf


async def opened(stage: Stage) -> LifecyclePreviewDialog:
    stage.give(Act.LIFECYCLE_PREVIEW)
    dialog = await stage.opened(LifecyclePreviewDialog)
    await until(lambda: is_done(dialog))
    return dialog


def entry(dialog: LifecyclePreviewDialog, start: str) -> Any:
    """One of the menu of reports."""
    actions = dialog.findChild(QPushButton, "inventory").menu().actions()
    return next(each for each in actions if each.text().replace("&", "").startswith(start))


async def given(stage: Stage, dialog: LifecyclePreviewDialog, *paths: Path) -> None:
    """Choose the files of a report; what comes of it is not waited for."""
    entry(dialog, "Report on").trigger()
    chooser = await stage.opened(QFileDialog)
    if len(paths) == 1:
        choose(chooser, paths[0])
    else:
        chooser.setDirectory(str(paths[0].parent))
        names = " ".join(f'"{path.name}"' for path in paths)
        chooser.findChild(QLineEdit, "fileNameEdit").setText(names)
        chooser.accept()
    await until(lambda: "ucket as it is" not in note(dialog, "source"))


async def reported(stage: Stage, dialog: LifecyclePreviewDialog, *paths: Path) -> None:
    await given(stage, dialog, *paths)
    await until(lambda: is_done(dialog))


def shown(dialog: LifecyclePreviewDialog) -> list[list[str]]:
    """All rows, in the order of what stands in them."""
    model = dialog.model
    rows = range(model.rowCount())
    return sorted([model.index(row, column).data() for column in FindingColumn] for row in rows)


def table(dialog: LifecyclePreviewDialog, name: str) -> list[list[str]]:
    found = next(each for each in dialog.findChildren(TextTable) if each.accessibleName() == name)
    model = found.model()
    columns = range(model.columnCount())
    return [[model.index(row, at).data() for at in columns] for row in range(model.rowCount())]


@pytest.mark.parametrize("versioning", Versioning)
@pytest.mark.parametrize("kind", ["manifest", "parquet", "files"])
def test_it_shows_what_the_bucket_itself_does(
    desk: Desk, tmp_path: Path, versioning: Versioning, kind: str
) -> None:
    async def story(stage: Stage) -> None:
        shelf = await shelved(stage, versioning)
        dialog = await opened(stage)
        assert "The bucket as it is now." in note(dialog, "source")
        assert not entry(dialog, "Back").isEnabled()
        listed = (shown(dialog), note(dialog, "summary"), table(dialog, "By rule"))
        chart = list(dialog.chart._bars)
        assert len(listed[0]) > 10
        is_kept = versioning is not Versioning.OFF
        assert dialog.table.isColumnHidden(FindingColumn.VERSION) is not is_kept
        assert all(cells(dialog, FindingColumn.VERSION)) is is_kept

        versions = everything_in(shelf)
        if kind == "manifest":
            path = write_manifest(tmp_path / "manifest.json", versions, created=REPORT)
            await reported(stage, dialog, path)
            assert "report of 2026-01-02 03:04 UTC: what has" in note(dialog, "source")
        elif kind == "parquet":
            await reported(stage, dialog, write_parquet(tmp_path / "r.parquet", versions))
            assert "report without a date, its newest object is" in note(dialog, "source")
        else:
            one = write_csv(tmp_path / "1.csv", versions[::2])
            await reported(stage, dialog, one, write_csv(tmp_path / "2.csv.gz", versions[1::2]))
        assert (shown(dialog), note(dialog, "summary"), table(dialog, "By rule")) == listed
        assert list(dialog.chart._bars) == chart
        assert keys(dialog) == sorted(keys(dialog))
        assert (nameless(dialog), out_of_order(dialog), twins(dialog)) == ([], [], [])
        await gone(stage, dialog)

    perform(desk, story)


def test_a_report_is_not_applied_and_the_way_back_is_open(desk: Desk, tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        shelf = await shelved(stage)
        path = write_csv(tmp_path / "r.csv", everything_in(shelf))
        dialog = await opened(stage)
        apply = dialog.findChild(QPushButton, "apply")
        assert apply.isEnabled()
        await reported(stage, dialog, path)
        assert not apply.isEnabled()
        assert "A report shows how the bucket was" in apply.toolTip()
        entry(dialog, "Back").trigger()
        await until(lambda: "The bucket as it is now." in note(dialog, "source"))
        await until(lambda: is_done(dialog))
        assert apply.isEnabled()
        assert apply.toolTip() == ""
        await gone(stage, dialog)

    perform(desk, story)


def test_another_span_and_another_engine_are_asked_of_the_same_report(
    desk: Desk, tmp_path: Path
) -> None:
    async def story(stage: Stage) -> None:
        shelf = await shelved(stage)
        path = write_manifest(tmp_path / "manifest.json", everything_in(shelf))
        dialog = await opened(stage)
        listed = []
        for days, engine in ((0, "aws"), (7, "first-match")):
            dialog.findChild(QSpinBox, "days").setValue(days)
            pick(dialog, "engine", engine)
            await until(lambda: is_done(dialog))
            listed.append(shown(dialog))
        await reported(stage, dialog, path)
        assert shown(dialog) == listed[1]
        (tmp_path / "manifest.json").unlink()  # it is open already
        pick(dialog, "engine", "aws")
        await until(lambda: is_done(dialog))
        dialog.findChild(QSpinBox, "days").setValue(0)
        await until(lambda: is_done(dialog))
        assert shown(dialog) == listed[0]
        await gone(stage, dialog)

    perform(desk, story)


async def sifted(dialog: LifecyclePreviewDialog, wanted: Sequence[str]) -> None:
    await until(lambda: is_done(dialog) and keys(dialog) == list(wanted))


def test_filters_ask_for_what_is_not_kept(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only so many findings are kept of a report; all of them are counted, found and exported."""
    monkeypatch.setattr(lifecycle_view, "MOST_LISTED", 3)
    monkeypatch.setattr(inventory_database, "BATCH", 2)

    async def story(stage: Stage) -> None:
        shelf = await shelved(stage)
        path = write_parquet(tmp_path / "r.parquet", everything_in(shelf))
        dialog = await opened(stage)
        everything = shown(dialog)
        pick(dialog, "kind", Kind.MOVES)
        await until(lambda: set(cells(dialog, FindingColumn.ACTION)) == {"move to GLACIER"})
        moved = keys(dialog)
        assert len(moved) == 10
        pick(dialog, "kind", Kind.ALL)
        await until(lambda: len(keys(dialog)) == len(everything))

        await reported(stage, dialog, path)
        assert 3 <= len(keys(dialog)) < 6
        said = [each.text() for each in dialog.findChildren(type(dialog.outcome).__base__)]
        assert f"{len(keys(dialog))}, and more" in said
        dialog.findChild(QLineEdit, "text").setText("ATA/7")
        await sifted(dialog, ["data/7"])
        dialog.findChild(QLineEdit, "text").clear()
        pick(dialog, "kind", Kind.MOVES)
        await until(lambda: is_done(dialog) and 3 <= len(keys(dialog)) < 6)
        assert set(cells(dialog, FindingColumn.ACTION)) == {"move to GLACIER"}
        press(dialog, "export")
        choose(await stage.opened(QFileDialog), tmp_path / "moves.csv")
        await until(lambda: note(dialog, "outcome") == "Written to moves.csv.")
        with (tmp_path / "moves.csv").open(encoding="utf-8-sig", newline="") as file:
            assert sorted(row["key"] for row in csv.DictReader(file)) == moved
        await gone(stage, dialog)

    perform(desk, story)


def test_counting_is_stopped_at_once_and_begun_again(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a query that would take days."""
    began = asyncio.Event()
    do = Database.do

    async def story(stage: Stage) -> None:
        shelf = await shelved(stage)
        path = write_csv(tmp_path / "r.csv", everything_in(shelf))
        dialog = await opened(stage)
        listed = shown(dialog)
        loop = asyncio.get_running_loop()

        def endless(self: Database, sql: str, parameters: Sequence[object] = ()) -> None:
            if "TABLE kinds" in sql:
                loop.call_soon_threadsafe(began.set)
                sql = f"CREATE TABLE t AS SELECT sum(hash(i)) FROM range({10**15}) r(i)"
            do(self, sql, parameters)

        monkeypatch.setattr(Database, "do", endless)
        await given(stage, dialog, path)
        await asyncio.wait_for(began.wait(), 10)
        await until(lambda: "The report is being read… " in note(dialog, "summary"))
        bar = dialog.findChild(QProgressBar)
        assert bar.isVisible()
        assert bar.maximum() > 0
        assert keys(dialog) == []
        assert table(dialog, "By rule") == []
        before = loop.time()
        press(dialog, "look")
        await until(lambda: is_done(dialog))
        assert loop.time() - before < 2
        assert note(dialog, "outcome") == "Stopped: there is more."
        monkeypatch.setattr(Database, "do", do)
        press(dialog, "look")
        await until(lambda: is_done(dialog))
        assert shown(dialog) == listed
        await gone(stage, dialog)

    perform(desk, story)


@pytest.mark.parametrize("way", ["dialog", "window", "back"])
def test_what_runs_ends_with_who_wants_to_see_it(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    began = asyncio.Event()
    folders: list[Path] = []

    async def story(stage: Stage) -> None:
        shelf = await shelved(stage)
        path = write_csv(tmp_path / "r.csv", everything_in(shelf))
        dialog = await opened(stage)
        loop = asyncio.get_running_loop()
        do = Database.do

        def endless(self: Database, sql: str, parameters: Sequence[object] = ()) -> None:
            folders.append(self.folder)
            loop.call_soon_threadsafe(began.set)
            do(self, f"CREATE TABLE t AS SELECT sum(hash(i)) FROM range({10**15}) r(i)")

        monkeypatch.setattr(Database, "do", endless)
        await given(stage, dialog, path)
        await asyncio.wait_for(began.wait(), 10)
        if way == "back":
            entry(dialog, "Back").trigger()
            await until(lambda: is_done(dialog))
            assert len(keys(dialog)) > 10
        if way == "window":
            return  # it is closed when the story ends
        await gone(stage, dialog)
        await until(lambda: not folders[0].exists())

    perform(desk, story)
    assert not folders[0].exists()


@pytest.mark.parametrize("name", ["damaged.csv", "other.csv", "lacking.csv", "odd.csv"])
def test_what_is_wrong_with_a_report_is_said(desk: Desk, tmp_path: Path, name: str) -> None:
    async def story(stage: Stage) -> None:
        shelf = await shelved(stage)
        path = tmp_path / name
        if name == "damaged.csv":
            path.write_text("Key,LastModifiedDate\na,yesterday\n")
        elif name == "odd.csv":
            path.write_bytes(b"\x89PNG")
        elif name == "lacking.csv":
            write_csv(path, everything_in(shelf), ("Key", "LastModifiedDate"))
        else:
            path.write_text("Bucket,Key,LastModifiedDate\nother,a,2020-01-01\n")
        dialog = await opened(stage)
        await reported(stage, dialog, path)
        said = {
            "damaged.csv": "damaged.csv, line 2: “yesterday” is no value of the column",
            "odd.csv": "odd.csv does not name its columns",
            "lacking.csv": "",
            "other.csv": "The report is of the bucket other, and not of b.",
        }[name]
        assert said in note(dialog, "outcome")
        assert "being read" not in note(dialog, "summary")
        notes = "\n".join(row[0] for row in table(dialog, "Notes"))
        assert ("no column Size" in notes) is (name in ("lacking.csv", "other.csv"))
        assert "old versions and delete markers is not shown" in notes or not notes
        # What the bucket says of versions says nothing of another one.
        assert ("taken for one without versions" in notes) is (name == "other.csv")
        entry(dialog, "Back").trigger()
        await until(lambda: is_done(dialog) and len(keys(dialog)) > 10)
        assert note(dialog, "outcome") == ""
        await gone(stage, dialog)

    perform(desk, story)


async def chosen(stage: Stage, dialog: LifecyclePreviewDialog) -> FormDialog:
    entry(dialog, "Report in").trigger()
    return await stage.opened(FormDialog)


INVENTORY = {
    "Id": "daily",
    "IsEnabled": True,
    "IncludedObjectVersions": "All",
    "Schedule": {"Frequency": "Daily"},
    "Destination": {
        "S3BucketDestination": {"Bucket": "arn:aws:s3:::b", "Format": "CSV", "Prefix": "reports"}
    },
}


def test_a_report_that_the_store_has_written_is_offered(desk: Desk, tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        shelf = await shelved(stage)
        dialog = await opened(stage)
        listed = shown(dialog)
        path = write_manifest(tmp_path / "manifest.json", everything_in(shelf), created=REPORT)
        (data,) = (tmp_path / "data").iterdir()
        for run in ("2026-01-01T01-00Z", "2026-01-02T03-04Z"):
            place = f"reports/b/daily/{run}/manifest.json"
            await shelf.put(Location(BUCKET, place), path.read_bytes())
        await shelf.put(Location(BUCKET, f"d/data/{data.name}"), data.read_bytes())
        shelf.buckets[BUCKET].tell(from_json(ConfigKind.INVENTORY, INVENTORY, id="daily"))

        form = await chosen(stage, dialog)
        reports = form.findChild(QComboBox, "report")
        assert [reports.itemText(at) for at in range(reports.count())] == [
            "2026-01-02 03:04 UTC (daily)",
            "2026-01-01 01:00 UTC (daily)",
            "Another one",
        ]
        assert not form.findChild(QLineEdit, "address").isVisible()
        press_words(form, "Look at It")
        await until(lambda: "of 2026-01-02 03:04 UTC" in note(dialog, "source") and is_done(dialog))
        assert shown(dialog) == listed
        await gone(stage, dialog)

    perform(desk, story)


def test_a_report_is_named(desk: Desk, tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        shelf = await shelved(stage)
        dialog = await opened(stage)
        listed = shown(dialog)
        path = write_parquet(tmp_path / "r.parquet", everything_in(shelf))
        await shelf.put(Location(BUCKET, "x/r.parquet"), path.read_bytes())
        form = await chosen(stage, dialog)
        address = form.findChild(QLineEdit, "address")
        assert address.isVisible()
        address.setText("Home:b/none.parquet")
        press_words(form, "Look at It")
        await until(lambda: note(form, "outcome") != "")
        assert "The bucket as it is now." in note(dialog, "source")
        address.setText("Home:b/x/r.parquet")
        press_words(form, "Look at It")
        await until(lambda: "without a date" in note(dialog, "source") and is_done(dialog))
        assert shown(dialog) == listed
        await gone(stage, dialog)

    perform(desk, story)


def test_without_the_database_it_is_said_what_to_install(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    async def story(stage: Stage) -> None:
        await shelved(stage)
        dialog = await opened(stage)
        button = dialog.findChild(QPushButton, "inventory")
        assert not button.isEnabled()
        assert "install s4desk[inventory]" in button.toolTip()
        assert button.accessibleDescription() == button.toolTip()
        await gone(stage, dialog)

    perform(desk, story)
