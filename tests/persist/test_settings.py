from __future__ import annotations

import os
import stat
import tomllib
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.parts import GIB, MIB
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.persist import settings as module
from s4desk.core.persist.settings import Settings, SettingsFile, Theme
from s4desk.core.persist.toml_file import TomlFile, write_atomically
from s4desk.core.transfer.job import Sizes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_without_a_file_there_are_defaults(path):
    assert SettingsFile(path).current == Settings()
    assert not path.exists()


async def test_a_change_is_there_after_a_restart(path):
    settings = SettingsFile(path)
    await settings.change(theme=Theme.DARK, transfer_limit=7)
    await settings.change(on_conflict=ConflictPolicy.SKIP)
    assert SettingsFile(path).current == Settings(
        theme=Theme.DARK, transfer_limit=7, on_conflict=ConflictPolicy.SKIP
    )


async def test_a_setting_can_go_back_to_its_default(path):
    settings = SettingsFile(path)
    await settings.change(theme=Theme.DARK)
    await settings.change(theme=Theme.SYSTEM)
    assert SettingsFile(path).current.theme is Theme.SYSTEM


async def test_unknown_keys_stay(path):
    path.write_text('version = 1\nfuture = "kept"\n[later]\ndeep = [1, 2]\n')
    await SettingsFile(path).change(theme=Theme.LIGHT)
    document = tomllib.loads(path.read_text())
    assert (document["future"], document["later"]) == ("kept", {"deep": [1, 2]})
    assert document["theme"] == "light"


@pytest.mark.parametrize(
    "line", ['theme = "purple"', 'transfer_limit = "four"', "transfer_limit = -1", "theme = 3"]
)
def test_a_value_that_is_none_is_the_default(path, line, expected_logs):
    path.write_text(f"version = 1\nconfirm_delete = false\n{line}\n")
    settings = SettingsFile(path)
    assert settings.current == Settings(confirm_delete=False)
    assert len(expected_logs) == 1


@pytest.mark.parametrize("content", [b"theme = ", b"\xff\xfe\x00"])
async def test_a_damaged_file_is_kept_aside_and_told(path, content, expected_logs):
    path.write_bytes(content)
    settings = SettingsFile(path)
    assert settings.current == Settings()
    aside = path.with_name("settings.toml.damaged-1")
    assert aside.read_bytes() == content
    assert str(aside) in settings.notice

    await settings.change(theme=Theme.DARK)
    path.write_bytes(content)
    SettingsFile(path)
    assert path.with_name("settings.toml.damaged-2").exists()


def test_an_old_file_is_migrated_step_by_step(path, monkeypatch):
    def rename(document):
        return {"theme": document["colours"], "seen": ["1 to 2"]}

    def append(document):
        return {**document, "seen": [*document["seen"], "2 to 3"]}

    monkeypatch.setattr(module, "MIGRATIONS", [rename, append])
    path.write_text('version = 1\ncolours = "dark"\n')
    assert SettingsFile(path).current.theme is Theme.DARK
    document = TomlFile(path, [rename, append]).load()
    assert (document["seen"], document["version"]) == (["1 to 2", "2 to 3"], 3)


async def test_a_file_of_a_newer_program_keeps_its_version(path):
    path.write_text('version = 99\ntheme = "dark"\n')
    settings = SettingsFile(path)
    assert settings.current.theme is Theme.DARK
    await settings.change(confirm_delete=False)
    assert tomllib.loads(path.read_text())["version"] == 99


def test_only_its_owner_may_read_it(path):
    write_atomically(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_file_and_nothing_else(path, monkeypatch):
    write_atomically(path, b"old")

    def fail(_source, _target):
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, b"new")
    assert [(file.name, file.read_bytes()) for file in path.parent.iterdir()] == [
        ("settings.toml", b"old")
    ]


def test_the_window_keeps_its_blob(path):
    settings = SettingsFile(path)
    assert settings.window_state() == b""
    settings.save_window_state(b"\x00\x01qt")
    assert SettingsFile(path).window_state() == b"\x00\x01qt"


def test_a_window_that_cannot_keep_its_blob_closes_all_the_same(tmp_path):
    SettingsFile(tmp_path / "gone" / "settings.toml").save_window_state(b"x")


@pytest.mark.parametrize(
    ("chosen", "sizes"),
    [
        ({}, Sizes()),
        ({"part_size": 1}, Sizes(part=5 * MIB, range=5 * MIB)),
        ({"part_size": 10 * GIB}, Sizes(5 * GIB, 5 * GIB, range=5 * GIB)),
        ({"part_size": 32 * MIB, "multipart_from": MIB}, Sizes(32 * MIB, 32 * MIB, range=32 * MIB)),
        ({"multipart_from": 10 * GIB}, Sizes(multipart_from=5 * GIB)),
    ],
)
def test_sizes_are_what_was_chosen_as_far_as_s3_allows_it(chosen, sizes):
    assert Settings(**chosen).sizes == sizes
