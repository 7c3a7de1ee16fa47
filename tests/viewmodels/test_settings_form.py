"""The pages of the settings."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from s4desk.core.domain.parts import GIB, MIB
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.persist.settings import Language, Settings, Theme
from s4desk.viewmodels.settings_form import SettingsPage, settings_pages

CHANGED = Settings(
    theme=Theme.DARK,
    language=Language.GERMAN,
    transfer_limit=3,
    part_limit=5,
    part_size=32 * MIB,
    multipart_from=GIB,
    upload_rate=2_500_000,
    download_rate=MIB,
    on_conflict=ConflictPolicy.SKIP,
    keep_awake=False,
    resume_at_start=False,
    notify_when_done=False,
    notify_by_tray=False,
    confirm_delete=False,
    download_folder=str(Path.cwd()),
    history_days=90,
    verify_reads=True,
    thumbnails=False,
    thumbnail_size=2 * MIB,
    thumbnail_fees=True,
)


def page_with(name: str, settings: Settings = CHANGED) -> SettingsPage:
    return next(page for page in settings_pages(settings) if name in page.fields)


def test_every_setting_can_be_reached_and_reads_back_what_it_shows() -> None:
    found = {}
    for page in settings_pages(CHANGED):
        assert page.errors == {}
        found |= page.values(page.fields)
    assert found == {field.name: getattr(CHANGED, field.name) for field in fields(Settings)}
    assert all(getattr(CHANGED, f.name) != f.default for f in fields(Settings))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("transfer_limit", "0", "from 1 to 64"),
        ("part_limit", "many", "from 1 to 64"),
        ("part_size", "4 MiB", "from 5 MiB to 1 GiB"),
        ("multipart_from", "6 GiB", "from 5 MiB to 5 GiB"),
        ("upload_rate", "fast", "unit"),
        ("download_rate", "1 kB/s", "10 KiB/s"),
        ("download_folder", "/no/such/folder", "no such folder"),
        ("download_folder", "relative", "no such folder"),
        ("thumbnail_size", "1 GiB", "from 64 KiB to 32 MiB"),
    ],
)
def test_what_cannot_be_used_is_said_and_not_told(name: str, text: str, said: str) -> None:
    page = page_with(name)
    page.edit(name, text)
    assert said in page.errors[name]
    assert page.values([name]) == {}
    others = [other for other in page.fields if other != name]
    assert page.values(others).keys() == set(others)


def test_a_part_is_not_larger_than_what_is_sent_whole() -> None:
    page = page_with("part_size", replace(CHANGED, part_size=16 * MIB, multipart_from=64 * MIB))
    page.edit("part_size", "65 MiB")
    assert page.errors.keys() == {"multipart_from"}
    assert page.values(["part_size", "multipart_from"]) == {"part_size": 65 * MIB}
    page.edit("multipart_from", "65 MiB")
    assert page.errors == {}
