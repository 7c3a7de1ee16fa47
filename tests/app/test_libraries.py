from __future__ import annotations

import sys
from pathlib import Path

import pytest

from s4desk.app.libraries import debian_package, install_hint, missing_libraries


@pytest.mark.parametrize(
    ("soname", "package"),
    [
        ("libEGL.so.1", "libegl1"),
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libX11.so.6", "libx11-6"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
    ],
)
def test_the_package_of_a_library(soname, package):
    assert debian_package(soname) == package


def test_a_missing_library_is_told_with_its_package():
    said = "libEGL.so.1: cannot open shared object file: No such file or directory"
    assert install_hint(said).endswith("apt-get install libegl1")
    assert install_hint("No module named 'lxml'") == "No module named 'lxml'"


@pytest.mark.skipif(sys.platform != "linux", reason="ldd is of Linux")
def test_what_the_linker_does_not_find_is_missing(tmp_path, monkeypatch):
    ldd = tmp_path / "ldd"
    ldd.write_text(
        "#!/bin/sh\n"
        "printf '\\tlibc.so.6 => /lib/libc.so.6 (0x1)\\n\\tlibEGL.so.1 => not found\\n'\n"
    )
    ldd.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing_libraries(Path("plugin.so")) == ["libEGL.so.1"]
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert missing_libraries(Path("plugin.so")) == []
