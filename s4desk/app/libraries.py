"""Shared libraries that a file of ours needs and the system lacks, and where Debian has them."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from pathlib import Path

_SONAME = re.compile(r"lib[\w+.-]+\.so(?:\.\d+)*")
_NOT_FOUND = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)
_EXCEPTIONS = {"libglib-2.0.so.0": "libglib2.0-0", "libgthread-2.0.so.0": "libglib2.0-0"}


def missing_libraries(file: Path) -> list[str]:
    """The sonames that loading `file` would fail for; empty where `ldd` is not there to tell."""
    ldd = shutil.which("ldd")
    if ldd is None:
        return []
    said = subprocess.run([ldd, str(file)], capture_output=True, text=True, check=False)
    return sorted(set(_NOT_FOUND.findall(said.stdout)))


def debian_package(soname: str) -> str:
    """The package that holds a library, by Debian's rule for their names (Policy, 8.1)."""
    if soname in _EXCEPTIONS:
        return _EXCEPTIONS[soname]
    name, _, version = soname.lower().partition(".so")
    version = version.removeprefix(".")
    return f"{name}-{version}" if name[-1:].isdigit() and version else f"{name}{version}"


def install_hint(text: str) -> str:
    """`text` with the command that installs the libraries it names, if it names any."""
    packages = sorted({debian_package(soname) for soname in _SONAME.findall(text)})
    if not packages:
        return text
    return tr("{text}; on Debian and Ubuntu: apt-get install {packages}").format(
        text=text, packages=" ".join(packages)
    )
