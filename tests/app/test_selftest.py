from __future__ import annotations

import errno
import io
import os
import ssl
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from s4desk.app import selftest
from s4desk.app.demo import launch
from s4desk.app.selftest import Finding, Verdict, run_self_test
from s4desk.core.domain.errors import UnavailableError

CHECKS = (
    "python",
    "qt",
    "qt platform",
    "tls",
    "folders",
    "sqlite",
    "keyring",
    "secret file",
    "s3 libraries",
    "round trip",
)


def test_a_whole_installation_passes_and_leaves_no_trace(terminal):
    terminal.environment |= {"QT_QPA_PLATFORM": "", "DISPLAY": ""}
    ended = terminal.run("--self-test")
    assert ended.code == 0, ended.out + ended.err.encode()
    lines = ended.out.decode().splitlines()
    assert [line[:14].strip() for line in lines[:-1]] == [*CHECKS]
    assert lines[-1] == "All is well."
    assert not [line for line in lines if "FAILED" in line]
    assert "put, list, get and delete" in lines[-2]
    assert not terminal.home.exists()


def test_a_home_that_cannot_be_written_is_named(terminal):
    terminal.home = Path("/proc/nowhere/s4desk")
    ended = terminal.run("--self-test")
    assert ended.code == 1
    (line,) = [line for line in ended.out.decode().splitlines() if line.startswith("folders")]
    assert "FAILED" in line
    assert "/proc/nowhere/s4desk/config" in line


def test_a_full_disk_is_named(monkeypatch, tmp_path):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("S4DESK_HOME", str(tmp_path / "home"))
    assert alone(monkeypatch, "folders")[0] == 0
    monkeypatch.setattr(os, "fsync", full)
    code, line = alone(monkeypatch, "folders")
    assert code == 1
    assert "no space left" in line
    assert list(tmp_path.iterdir()) == []


def test_without_a_keyring_it_still_passes_and_says_so(terminal):
    terminal.environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    ended = terminal.run("--self-test")
    assert ended.code == 0
    (line,) = [line for line in ended.out.decode().splitlines() if line.startswith("keyring")]
    assert "note" in line
    assert "one session only" in line


def alone(monkeypatch: pytest.MonkeyPatch, name: str) -> tuple[int, str]:
    """Run the self-test with one check; its exit code and that check's line."""
    everything = selftest.all_checks()
    monkeypatch.setattr(selftest, "all_checks", lambda: {name: everything[name]})
    out = io.StringIO()
    code = run_self_test(out)
    return code, out.getvalue().splitlines()[0]


def test_a_missing_library_of_qt_is_named_with_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "s4desk.app.selftest_qt", None)

    def fail(_name: str) -> None:
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(selftest, "import_module", fail)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    code, line = alone(monkeypatch, "qt")
    assert code == 1
    assert "apt-get install libegl1" in line


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(selftest, "S3_LIBRARIES", ("botocore_that_is_not_there",))
    code, line = alone(monkeypatch, "s3 libraries")
    assert code == 1
    assert "botocore_that_is_not_there" in line
    assert "with pip" in line


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt brings all it needs")
@pytest.mark.parametrize(
    ("missing", "code", "said"),
    [
        ({}, 0, "xcb, wayland"),
        ({"libqxcb.so": ["libxcb-cursor.so.0"]}, 0, "apt-get install libxcb-cursor0"),
        (
            {"libqxcb.so": ["libxcb-cursor.so.0"], "libqwayland.so": ["libwayland-cursor.so.0"]},
            1,
            "apt-get install libwayland-cursor0 libxcb-cursor0",
        ),
    ],
)
def test_a_window_needs_one_platform_that_loads(monkeypatch, missing, code, said):
    monkeypatch.setattr(selftest, "missing_libraries", lambda file: missing.get(file.name, []))
    assert alone(monkeypatch, "qt platform")[0] == code
    assert said in alone(monkeypatch, "qt platform")[1]


def test_without_authorities_https_is_not_there(monkeypatch):
    empty = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(ssl, "create_default_context", lambda: empty)
    monkeypatch.setattr(
        ssl, "get_default_verify_paths", lambda: SimpleNamespace(capath="/nowhere/at/all")
    )
    code, line = alone(monkeypatch, "tls")
    assert (code, "apt-get install ca-certificates" in line) == (1, True)


def test_the_demo_server_is_an_extra(monkeypatch):
    monkeypatch.setattr(launch, "is_installed", lambda: False)
    code, line = alone(monkeypatch, "round trip")
    assert (code, "pip install 's4desk[demo]'" in line) == (0, True)


def test_a_failing_check_fails_the_test_in_a_sentence(monkeypatch):
    def check() -> Finding:
        raise UnavailableError("127.0.0.1: reset")

    monkeypatch.setattr(selftest, "all_checks", lambda: {"broken": check})
    out = io.StringIO()
    assert run_self_test(out) == 1
    assert "connection to the store broke" in out.getvalue()
    assert out.getvalue().endswith("Something is missing.\n")


def test_a_note_is_no_failure(monkeypatch):
    note = Finding(Verdict.NOTE, "only to know")
    monkeypatch.setattr(selftest, "all_checks", lambda: {"x": lambda: note})
    assert run_self_test(io.StringIO()) == 0
