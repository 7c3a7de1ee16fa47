"""What may not be loaded before the first paint: S3 libraries cost 0.4 s and 80 MB."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

import pytest

from s4desk.app.cli.arguments import build_parser
from s4desk.app.cli.run import VERBS
from tests.servers.null import BUCKET

S3_LIBRARIES = ("botocore", "aiobotocore", "boto3", "awscrt", "lxml", "moto", "flask", "keyring")
QT = ("PySide6", "qasync")
NOT_FOR_ONE_FILE = ("xml.sax", "urllib.request", "s4desk.app.cli.connection_options")


def loaded_after(code: str, environment: dict[str, str] | None = None) -> set[str]:
    """The top-level modules that are there after `code` ran in a process of its own."""
    program = f"{code}\nimport sys\nprint('loaded', *(name for name in sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return set(ended.stdout.rpartition("loaded")[2].split())


def test_deciding_what_to_do_loads_nothing_heavy():
    loaded = loaded_after("import s4desk.app.main")
    assert "s4desk.app.main" in loaded
    assert not loaded & {*S3_LIBRARIES, *QT, "asyncio", "sqlite3"}


@pytest.mark.parametrize("module", ["argparse", "s4desk.app.cli.run", "asyncio", "sqlite3"])
def test_ctrl_c_while_something_is_loaded_is_told_in_a_word(module, tmp_path):
    code = f"""
import os, signal, sys

class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Impatient())
from s4desk.app.main import main
sys.exit(main(["ls", "nobody:"]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "S4DESK_HOME": str(tmp_path)},
    )
    assert (ended.returncode, ended.stderr) == (130, "Interrupted.\n")


def test_building_the_desk_loads_no_s3_library_and_no_qt(tmp_path):
    loaded = loaded_after(
        "from pathlib import Path\n"
        "from s4desk.app.paths import folders_under\n"
        "from s4desk.app.wiring import build_desk\n"
        f"build_desk(folders_under(Path({str(tmp_path / 'home')!r})))"
    )
    assert "s4desk.core.desk" in loaded
    assert not loaded & {*S3_LIBRARIES, *QT}


@pytest.mark.parametrize("words", [["connections", "list"], ["ls", "nobody:"]])
def test_a_verb_that_asks_no_store_loads_no_s3_library(words):
    loaded = loaded_after(f"from s4desk.app.main import main\nmain({words!r})")
    assert "s4desk.app.cli.run" in loaded
    assert not loaded & {*S3_LIBRARIES, *QT}


@pytest.mark.parametrize("is_upload", [True, False])
def test_a_copy_of_one_small_file_loads_little(terminal, null, tmp_path, is_upload):
    """Half of the time that a script waits for it is the loading of modules."""
    terminal.add("T", null)
    (tmp_path / "file").write_bytes(bytes(4096))
    up = ["cp", str(tmp_path / "file"), f"T:{BUCKET}/new", "--overwrite"]
    down = ["cp", f"T:{BUCKET}/x-4k", str(tmp_path / "got")]
    words = up if is_upload else down
    environment = {
        name: value for name, value in terminal.variables.items() if "_proxy" not in name.lower()
    } | {"AWS_ACCESS_KEY_ID": "null", "AWS_SECRET_ACCESS_KEY": "null"}
    terminal.ok("connections", "edit", "T", "--credentials", "env")
    loaded = loaded_after(
        f"from s4desk.app.main import main\nassert main({words!r}) == 0", environment
    )
    assert "s4desk.core.transfer.jobs" in loaded
    assert not loaded & {*S3_LIBRARIES, *QT, *NOT_FOR_ONE_FILE}


@pytest.mark.parametrize(
    ("request_", "is_loaded"), [("list_objects(Prefix('b'))", False), ("list_buckets()", True)]
)
def test_only_buckets_need_the_large_libraries(request_, is_loaded):
    """They take more processor time than all the rest of a verb."""
    loaded = loaded_after(
        "import asyncio\n"
        "from s4desk.core.domain.connection import Connection, Credentials\n"
        "from s4desk.core.domain.errors import StoreError\n"
        "from s4desk.core.domain.identity import ConnectionId, Prefix\n"
        "from s4desk.core.store.registry import GivenSecrets, StoreRegistry\n"
        "async def main():\n"
        "    keys = GivenSecrets(Credentials('a', 'b'))\n"
        "    connection = Connection(ConnectionId('c'), 'c', 'http://127.0.0.1:1')\n"
        "    registry = StoreRegistry({connection.id: connection}, keys)\n"
        "    store = await registry.get(connection.id)\n"
        "    try:\n"
        f"        await store.{request_}\n"
        "    except StoreError:\n"
        "        pass\n"
        "    await registry.aclose()\n"
        "asyncio.run(main())\n"
    )
    assert "s4desk.core.store.s3" in loaded
    assert bool(loaded & {"botocore", "aiobotocore", "aiohttp"}) is is_loaded


def test_importing_the_window_loads_no_s3_library():
    loaded = loaded_after("import s4desk.app.window")
    assert "PySide6" in loaded
    assert not loaded & {*S3_LIBRARIES}


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    ended = subprocess.run(
        [sys.executable, "-m", "s4desk", "--version"], capture_output=True, text=True, check=True
    )
    assert ended.stdout == f"s4desk {version('s4desk')}\n"


def test_a_window_without_a_display_is_told(tmp_path):
    environment = {"S4DESK_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    ended = subprocess.run(
        [sys.executable, "-m", "s4desk"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert ended.returncode == 1
    assert "no display" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_every_verb_of_the_command_line_can_be_loaded():
    for verb, (module, function) in VERBS.items():
        assert callable(getattr(import_module(f"s4desk.app.cli.{module}"), function)), verb
        words = verb.split()
        with pytest.raises(SystemExit) as ended:
            build_parser().parse_args([*words, "--help"])
        assert ended.value.code == 0


@pytest.mark.parametrize("verb", ["cp", "mv"])
def test_the_help_of_a_copy_tells_its_rules(verb, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args([verb, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for rule in ("ends with a slash", "With -r the content", "checksum", "Without a flag"):
        assert rule in text
