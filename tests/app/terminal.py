"""Runs `s4desk` as a person's shell does: a process of its own, looked at from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.app.file_keyring import VARIABLE
from tests.servers.process import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.endpoint import Endpoint

PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code and the bytes it wrote."""

    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[bytes]:
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@dataclass(slots=True)
class Terminal:
    """A home folder, an environment, and a way to run verbs in them.

    `words` are bytes or text; text may hold undecodable bytes as surrogates.
    """

    home: Path
    keyring: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "s4desk", *words]

    @property
    def variables(self) -> dict[str, str]:
        return {
            **os.environ,
            "S4DESK_HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
            ),
            "PYTHON_KEYRING_BACKEND": "tests.app.file_keyring.FileKeyring",
            VARIABLE: str(self.keyring),
            **self.environment,
        }

    def run(self, *words: str, typed: str | None = None, cwd: Path | None = None) -> Ended:
        """Run to the end. Without `typed` standard input is empty."""
        ended = subprocess.run(
            self.command(*words),
            input=(typed or "").encode(),
            capture_output=True,
            env=self.variables,
            cwd=cwd,
            timeout=PATIENCE_S,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr.decode("utf-8", "replace"))

    def ok(self, *words: str, typed: str | None = None) -> Ended:
        """Run what has to succeed."""
        ended = self.run(*words, typed=typed)
        assert ended.code == 0, ended.err
        return ended

    def add(self, name: str, endpoint: Endpoint, *options: str) -> Ended:
        """Add a connection to a test server, its key typed into the keyring."""
        ca = ["--ca", str(endpoint.ca)] if endpoint.ca else []
        return self.ok(
            *("connections", "add", name, "--endpoint", endpoint.url, "--credentials", "keyring"),
            *("--region", endpoint.region, "--addressing", "path", *ca, *options),
            typed=f"{endpoint.access_key}\n{endpoint.secret_key}\n",
        )
