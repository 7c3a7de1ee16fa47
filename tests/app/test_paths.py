from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import platformdirs

from s4desk.app.paths import find_folders

if TYPE_CHECKING:
    from pathlib import Path


def test_one_variable_moves_everything(tmp_path: Path):
    home = tmp_path / "deep" / "home"
    folders = find_folders({"S4DESK_HOME": str(home)})
    made = [folders.config, folders.data, folders.cache, folders.logs]
    assert {folder.parent for folder in made} == {home}
    assert len({*made}) == 4
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in [home, *made])


def test_a_relative_home_stays_where_it_was_given(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = find_folders({"S4DESK_HOME": "here"})
    monkeypatch.chdir("/")
    assert folders.config == tmp_path / "here" / "config"


def test_without_it_the_platform_decides(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(
        platformdirs,
        "PlatformDirs",
        lambda *_args, **_options: type(
            "Dirs", (), {f"user_{name}_path": tmp_path / name for name in _NAMES}
        ),
    )
    folders = find_folders({})
    assert (folders.config, folders.logs) == (tmp_path / "config", tmp_path / "log")
    assert stat.S_IMODE(folders.data.stat().st_mode) == 0o700


_NAMES = ("config", "data", "cache", "log")
