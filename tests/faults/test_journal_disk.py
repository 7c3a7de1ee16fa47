"""The disk of the journal is full while a folder is written down."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from uuid import uuid4

from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.faults.crash_lab import Lab

COUNT = 2200
ROOM_KIB = 700
"""Enough for the first thousand files, and not for all."""


def test_what_could_not_be_written_down_is_said_not_to_be_begun(lab: Lab) -> None:
    key = f"j-{uuid4().hex[:8]}"
    folder = lab.folder / key
    folder.mkdir()
    for number in range(COUNT):
        (folder / f"{number:04}").write_text(str(number))
    words = ["cp", "-r", str(folder), lab.place(key)]
    narrow = ["bash", "-c", f'ulimit -f {ROOM_KIB}; exec "$0" "$@"', *lab.terminal.command(*words)]
    ended = subprocess.run(
        narrow, capture_output=True, env=lab.terminal.variables, timeout=60, check=False
    )
    told = ended.stderr.decode()
    assert ended.returncode == 1
    assert told.count("sqlite: ") == 1, told
    assert "was not begun" in told
    again = lab.terminal.run(*words)
    assert again.code == 0, again.err
    with s3_client(lab.proxy.endpoint) as client:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=lab.bucket, Prefix=key)
        assert sum(page["KeyCount"] for page in pages) == COUNT
    assert lab.run_files() == []
