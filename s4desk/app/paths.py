"""Where things are kept: the platform's folders, or all of them under `S4DESK_HOME`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from s4desk.core.desk import Folders

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "s4desk"
HOME_VARIABLE = "S4DESK_HOME"


def find_folders(environment: Mapping[str, str] = os.environ) -> Folders:
    """The four folders of this user, made if need be so that nobody else may enter."""
    home = environment.get(HOME_VARIABLE, "")
    return folders_under(Path(home)) if home else _made(_platform_folders())


def name_folders(environment: Mapping[str, str] = os.environ) -> Folders:
    """The folders that `find_folders` would make or find."""
    home = environment.get(HOME_VARIABLE, "")
    return _below(Path(home)) if home else _platform_folders()


def folders_under(home: Path) -> Folders:
    """The four folders in one: for a portable profile, tests and the demo."""
    home = home.expanduser().absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _made(_below(home))


def _below(home: Path) -> Folders:
    home = home.expanduser().absolute()
    return Folders(home / "config", home / "data", home / "cache", home / "logs")


def _platform_folders() -> Folders:
    dirs = platformdirs.PlatformDirs(APP, appauthor=False)
    return Folders(
        config=dirs.user_config_path,
        data=dirs.user_data_path,
        cache=dirs.user_cache_path,
        logs=dirs.user_log_path,
    )


def _made(folders: Folders) -> Folders:
    for folder in (folders.config, folders.data, folders.cache, folders.logs):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folders
