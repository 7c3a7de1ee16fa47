"""Names that hold escape sequences, on a terminal and in a pipe."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

EVIL = "a\x01b\tc\x1b[31md\u200be"


def on_a_terminal(terminal: Terminal, *words: str) -> str:
    """Everything that a verb writes to the terminal it runs in."""
    leader, follower = os.openpty()
    with open(leader, "rb", buffering=0) as screen:
        with open(follower, "wb", buffering=0) as end:
            verb = subprocess.Popen(
                terminal.command(*words), stdin=end, stdout=end, stderr=end, env=terminal.variables
            )
        shown = b""
        try:
            while some := screen.read(4096):
                shown += some
        except OSError:
            """Nobody has the other end any more."""
        assert verb.wait() == 0
    return shown.decode()


def test_nothing_unprintable_reaches_a_terminal_and_all_of_it_a_pipe(
    terminal: Terminal, moto: Endpoint, new_bucket: Callable[..., str], tmp_path: Path
) -> None:
    terminal.add("T", moto)
    bucket = new_bucket(moto)
    (tmp_path / EVIL).write_bytes(b"1")
    for words in (
        ("cp", str(tmp_path / EVIL), f"T:{bucket}/{EVIL}"),
        ("ls", "-r", f"T:{bucket}"),
        ("sync", f"T:{bucket}", str(tmp_path / "new"), "--dry-run"),
    ):
        shown = on_a_terminal(terminal, *words)
        assert "a\\x01b\\tc\\x1b[31md\\u200be" in shown, words
        assert not set(shown) - {"\r", "\n"} & {"\x01", "\t", "\x1b", "\u200b"}, words
    assert terminal.ok("ls", "-r", f"T:{bucket}").out.endswith(EVIL.encode() + b"\n")
