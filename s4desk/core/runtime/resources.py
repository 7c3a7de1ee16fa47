"""Where icons and catalogues are: inside an installed package, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

import s4desk

_PACKAGE = Path(s4desk.__file__).parent


def resource(*names: str) -> Path:
    """The path of a file below `resources`; it need not exist."""
    installed = _PACKAGE / "resources"
    root = installed if installed.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*names)
