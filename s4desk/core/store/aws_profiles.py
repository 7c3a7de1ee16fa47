"""Which profiles the user's own AWS configuration has."""

from __future__ import annotations

import configparser
import os
from pathlib import Path

_FILES = (
    ("AWS_CONFIG_FILE", "~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
)


def profile_names() -> list[str]:
    """In the order of the files; what cannot be read has none. It blocks: call it in a thread.

    "Configuration and credential file settings" in the AWS CLI user guide.
    """
    names: dict[str, None] = {}
    for variable, usual in _FILES:
        names |= dict.fromkeys(_names_in(Path(os.environ.get(variable) or usual).expanduser()))
    return list(names)


def _names_in(path: Path) -> list[str]:
    found = configparser.RawConfigParser(strict=False, default_section="")
    try:
        found.read(path, encoding="utf-8")
    except (OSError, configparser.Error, UnicodeDecodeError):
        return []
    names = []
    for section in found.sections():
        kind, _, name = section.partition(" ")
        if not name:
            names.append(section)
        elif kind == "profile":
            names.append(name.strip().strip("\"'"))
    return names
