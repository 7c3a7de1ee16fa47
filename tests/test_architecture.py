"""The shape of the house: import contracts hold, and each of them can fail."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "s4desk"

VIOLATIONS = {
    "app over gui over viewmodels over core": ("core/domain/parts.py", "import s4desk.viewmodels"),
    "the floors of core": ("core/wire/body.py", "import s4desk.core.store.protocol"),
    "the floors of gui": ("gui/models/__init__.py", "import s4desk.gui.views"),
    "core and viewmodels know no Qt": ("viewmodels/__init__.py", "import PySide6"),
    "the window knows no S3 library": ("gui/__init__.py", "import botocore"),
    "domain needs nothing": ("core/domain/parts.py", "import lxml"),
}


def lint_imports(folder: Path) -> str:
    """What import-linter says about the package in `folder`; "0 broken" when all is well."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_import_contracts_hold() -> None:
    assert "0 broken" in lint_imports(ROOT)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_contract_can_be_broken(contract: str, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "s4desk", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    name, line = VIOLATIONS[contract]
    file = tmp_path / "s4desk" / name
    file.write_text(f"{file.read_text()}\n{line}\n")
    assert f"{contract} BROKEN" in lint_imports(tmp_path)


def calls_of(name: str) -> list[str]:
    """Where the package calls a method or function of that name: `file:line`."""
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called == name:
                    found.append(f"{file.relative_to(PACKAGE)}:{node.lineno}")
    return found


def files_that_call(name: str) -> set[str]:
    return {place.partition(":")[0] for place in calls_of(name)}


def test_no_nested_event_loop() -> None:
    """A drag is the one thing Qt cannot do without one."""
    assert files_that_call("exec") <= {"gui/commands/dragging.py"}
    assert files_that_call("processEvents") <= {"app/selftest_qt.py"}


def test_a_coroutine_always_has_an_owner() -> None:
    """A TaskGroup owns its tasks; whoever else starts one is named here."""
    free = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if re.search(r"\b(asyncio|loop)\.create_task\(", file.read_text())
    }
    assert free <= {
        "core/runtime/tasks.py",
        "core/transfer/job.py",
        "gui/bridge/loop.py",
        "gui/bridge/tasks.py",
    }


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether it swallows any exception: one that raises it again only looks."""
    named = handler.type.id if isinstance(handler.type, ast.Name) else ""
    is_broad = handler.type is None or named == "Exception"
    return is_broad and not any(isinstance(line, ast.Raise) for line in handler.body)


def test_only_the_wall_against_the_unknown_catches_everything() -> None:
    broad = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    }
    assert broad <= {
        "app/excepthook.py",
        "core/persist/secrets.py",  # keyring backends raise what their D-Bus library does
        "core/runtime/tasks.py",
        "gui/bridge/tasks.py",
    }


def test_the_project_names_no_place_it_was_built_at() -> None:
    # Written in pieces, so that this file does not find itself.
    words = ("/work" + "/", "/root" + "/", "files.python" + "hosted", "pypi" + ".org")
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        if file.suffix in {".py", ".toml", ".md", ".sh", ".svg"} and not parts[0].startswith("."):
            text = file.read_text(errors="replace")
            assert not [word for word in words if word in text], file
