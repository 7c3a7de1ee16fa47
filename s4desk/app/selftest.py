"""`s4desk --self-test`: proves an installation without a window, or says what it lacks."""

from __future__ import annotations

import asyncio
import os
import platform
import sqlite3
import ssl
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from s4desk.app.demo import launch
from s4desk.app.demo_profile import add_demo_connection, demo_desk
from s4desk.app.libraries import install_hint, missing_libraries
from s4desk.app.paths import name_folders
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.persist.secret_file import SecretFile
from s4desk.core.persist.secrets import Keychain
from s4desk.core.runtime.i18n import tr
from s4desk.core.wire.body import BytesSink
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.local_error_text import local_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.desk import Desk
    from s4desk.core.store.protocol import Store

S3_LIBRARIES = ("botocore", "aiobotocore", "awscrt", "lxml.etree")
ENOUGH = 1024**2
"""Bytes that a folder must have room for; a full disk often takes a few more."""
ODD_KEY = "self-test/a+b %2F ü/ /x"
CONTENT = bytes(range(256)) * 16


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `text` says what is there, or what is missing and how to get it."""

    verdict: Verdict
    text: str


def run_self_test(out: TextIO) -> int:
    """Run every check, write a line for each; 0 when nothing that is needed is missing."""
    has_failed = False
    for name, check in all_checks().items():
        finding = _carried_out(check)
        has_failed = has_failed or finding.verdict is Verdict.FAILED
        out.write(f"{name:<14}{finding.verdict:<8}{finding.text}\n")
        out.flush()
    out.write(f"{tr('Something is missing.') if has_failed else tr('All is well.')}\n")
    return 1 if has_failed else 0


def all_checks() -> dict[str, Callable[[], Finding]]:
    return {
        "python": _check_python,
        "qt": _check_qt,
        "qt platform": _check_platform_plugin,
        "tls": _check_tls,
        "folders": _check_folders,
        "sqlite": _check_sqlite,
        "keyring": _check_keyring,
        "secret file": _check_secret_file,
        "s3 libraries": _check_s3_libraries,
        "round trip": _check_round_trip,
    }


def _carried_out(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except ModuleNotFoundError as error:
        hint = tr("{error}; install s4desk again with pip").format(error=error)
        return Finding(Verdict.FAILED, hint)
    except ImportError as error:
        return Finding(Verdict.FAILED, install_hint(str(error)))
    except (S4DeskError, OSError, sqlite3.Error) as error:
        return Finding(Verdict.FAILED, describe(error))


def _check_python() -> Finding:
    return Finding(
        Verdict.OK,
        f"s4desk {version('s4desk')}, Python {platform.python_version()}, {platform.platform()}",
    )


def _check_qt() -> Finding:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return Finding(Verdict.OK, import_module("s4desk.app.selftest_qt").paint_a_widget())


def _check_platform_plugin() -> Finding:
    """Whether a window could open on X11 or Wayland; elsewhere Qt brings all it needs."""
    if sys.platform != "linux":
        return Finding(Verdict.OK, sys.platform)
    folder = Path(import_module("s4desk.app.selftest_qt").plugin_folder()) / "platforms"
    plugins = {"xcb": folder / "libqxcb.so", "wayland": folder / "libqwayland.so"}
    missing = {name: missing_libraries(file) for name, file in plugins.items() if file.exists()}
    usable = [name for name, libraries in missing.items() if not libraries]
    lacking = sorted({library for libraries in missing.values() for library in libraries})
    if not usable:
        return Finding(Verdict.FAILED, install_hint(", ".join(lacking)))
    if lacking:
        hint = install_hint(", ".join(lacking))
        return Finding(Verdict.NOTE, f"{', '.join(usable)}; {hint}")
    return Finding(Verdict.OK, ", ".join(usable))


def _check_tls() -> Finding:
    context = ssl.create_default_context()
    count = context.cert_store_stats()["x509_ca"] + _count_hashed_authorities()
    text = tr("{library}, {count} certificate authorities").format(
        library=ssl.OPENSSL_VERSION, count=count
    )
    if not count:
        hint = tr("no https store can be trusted; apt-get install ca-certificates")
        return Finding(Verdict.FAILED, f"{text}: {hint}")
    return Finding(Verdict.OK, text)


def _count_hashed_authorities() -> int:
    """Those that OpenSSL looks up one by one, in a folder, by the hash of their name."""
    folder = ssl.get_default_verify_paths().capath
    return len(list(Path(folder).glob("*.0"))) if folder else 0


def _check_folders() -> Finding:
    """Whether what s4desk remembers can be written. What is not there yet is not made."""
    folders = name_folders()
    for folder in (folders.config, folders.data, folders.cache, folders.logs):
        there = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
        try:
            with tempfile.TemporaryFile(dir=there) as file:
                file.write(bytes(ENOUGH))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            problem, advice = local_problem(error, str(folder))
            return Finding(Verdict.FAILED, f"{problem} {advice}")
    return Finding(Verdict.OK, str(folders.data))


def _check_sqlite() -> Finding:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "test.sqlite")) as connection,
    ):
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        connection.execute("CREATE TABLE test (key BLOB) STRICT")
        connection.execute("INSERT INTO test VALUES (?)", (b"\xff",))
        connection.commit()
    if mode != "wal":
        return Finding(
            Verdict.FAILED,
            tr("write-ahead logging does not work in {folder}").format(folder=folder),
        )
    return Finding(Verdict.OK, f"SQLite {sqlite3.sqlite_version}, WAL")


def _check_keyring() -> Finding:
    state = asyncio.run(Keychain().state())
    if state.usable:
        return Finding(Verdict.OK, tr("secrets are kept in the keyring of this system"))
    return Finding(
        Verdict.NOTE,
        tr(
            "{reason} Secrets are kept for one session only, or in a file with a passphrase."
        ).format(reason=state.reason),
    )


def _check_secret_file() -> Finding:
    """What seals works here: it takes much memory for a moment."""
    with tempfile.TemporaryDirectory(prefix="s4desk-") as folder:
        file = SecretFile(Path(folder) / "secrets.json")
        file.create("passphrase")
        file.set_password("", "name", "text")
        again = SecretFile(file.path)
        again.unlock("passphrase")
        if again.get_password("", "name") != "text":
            return Finding(Verdict.FAILED, tr("what is sealed does not come back"))
    return Finding(Verdict.OK, f"cryptography {version('cryptography')}")


def _check_s3_libraries() -> Finding:
    for name in S3_LIBRARIES:
        import_module(name)
    found = ", ".join(
        f"{name} {version(name)}" for name in ("botocore", "aiobotocore", "awscrt", "lxml")
    )
    return Finding(Verdict.OK, found)


def _check_round_trip() -> Finding:
    if not launch.is_installed():
        hint = tr("skipped: the demo server is not installed (pip install 's4desk[demo]')")
        return Finding(Verdict.NOTE, hint)
    with launch.start() as server, demo_desk() as desk:
        asyncio.run(_round_trip(desk, server))
    return Finding(Verdict.OK, tr("put, list, get and delete on the demo server"))


async def _round_trip(desk: Desk, server: launch.DemoServer) -> None:
    try:
        connection = await add_demo_connection(desk, server)
        await _put_list_get_delete(await desk.stores.get(connection.id))
    finally:
        await desk.stores.aclose()


async def _put_list_get_delete(store: Store) -> None:
    """Raises OSError when an object does not come back as it went."""
    bucket = (await store.list_buckets())[0].name
    location, sink = Location(bucket, ODD_KEY), BytesSink()
    await store.put(location, CONTENT)
    page = await store.list_objects(Prefix(bucket, ODD_KEY))
    await store.get(location, sink)
    await store.delete(location)
    if list(page.keys) != [ODD_KEY] or bytes(sink.data) != CONTENT:
        raise OSError(tr("an object did not come back as it went"))
