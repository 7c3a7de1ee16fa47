"""Lets hatchling compile the catalogues: into the wheel, beside themselves in a checkout."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        compiled = runpy.run_path(str(root / "packaging" / "catalogues.py"))["compile_all"]()
        if version == "standard":
            for path in compiled:
                inside = path.relative_to(root).as_posix()
                build_data["force_include"][str(path)] = f"s4desk/{inside}"
