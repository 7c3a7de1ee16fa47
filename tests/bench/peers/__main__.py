"""Measures s4desk beside its peers, in one run, and writes the table.

    python -m tests.bench.peers [--rounds N] [--case NAME]... [--tls] [--rtt MS] [--markdown FILE]

Each client runs as a whole process, in turn within each round, so that a slow minute hits all.
The peers are installed by pip into a virtual environment of their own (`--venv`).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.peers.clients import BUCKET, CLIENTS, PACKAGES, Client, Deed, Stage, Task
from tests.bench.peers.costs import Cost, RefusedError, run
from tests.servers.delay import DelayProxy
from tests.servers.null import Null

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table. Files of `size` bytes, `count` of them, where there are any."""

    name: str
    title: str
    deed: Deed
    place: str
    size: int = 0
    count: int = 1


CASES = (
    Case("up-1g", "1 GiB up", Deed.PUT, "up/one", 1 << 30),
    Case("down-1g", "1 GiB down", Deed.GET, "x-1g", 1 << 30),
    Case("up-4k", "10 000 × 4 KiB up", Deed.PUT_MANY, "up4k/", 4 << 10, 10_000),
    Case("down-4k", "10 000 × 4 KiB down", Deed.GET_MANY, "4k/", 4 << 10, 10_000),
    Case("up-1m", "1000 × 1 MiB up", Deed.PUT_MANY, "up1m/", 1 << 20, 1000),
    Case("down-1m", "1000 × 1 MiB down", Deed.GET_MANY, "1m/", 1 << 20, 1000),
    Case("delete", "delete 10 000", Deed.DELETE_MANY, "4k/"),
    Case("list", "list 1 000 000", Deed.LIST, "logs/"),
)


def task_of(case: Case, folder: Path) -> Task:
    """What to ask of a client, with the files it needs in place and nothing left of the last."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    if case.deed is Deed.GET:
        return Task(case.deed, case.place, out / "one")
    if case.deed is Deed.GET_MANY:
        return Task(case.deed, case.place, out)
    if case.deed is Deed.PUT:
        return Task(case.deed, case.place, _file(folder / "one-1g", case.size))
    if case.deed is Deed.PUT_MANY:
        return Task(case.deed, case.place, _files(folder / case.name, case))
    return Task(case.deed, case.place)


def _file(path: Path, size: int) -> Path:
    """A file that does not compress, made once."""
    if not path.exists():
        block = os.urandom(min(size, 1 << 20))
        with path.open("wb") as out:
            for _ in range(size // len(block)):
                out.write(block)
    return path


def _files(folder: Path, case: Case) -> Path:
    if not folder.exists():
        folder.mkdir()
        for number in range(case.count):
            _file(folder / f"f{number:06d}", case.size)
    return folder


def restock(stage: Stage, place: str) -> None:
    """Let the null server have again what was deleted."""
    url = f"{stage.url}/{BUCKET}/{place}"
    trusted = ssl.create_default_context(cafile=stage.ca) if stage.ca else None
    request = urllib.request.Request(url, data=b"", method="PUT")
    with urllib.request.urlopen(request, context=trusted):
        pass


def check(case: Case, task: Task) -> None:
    """Whether a download is there. Raises RefusedError."""
    found = [task.local] if case.deed is Deed.GET else []
    if case.deed is Deed.GET_MANY:
        found = [path for path in task.local.rglob("*") if path.is_file()]
    if case.deed in (Deed.GET, Deed.GET_MANY) and (
        len(found) != case.count or any(path.stat().st_size != case.size for path in found)
    ):
        raise RefusedError(f"{len(found)} of {case.count} files came")


def measure(case: Case, clients: Sequence[Client], folder: Path, rounds: int) -> dict[str, Cost]:
    """The median of each client over the rounds; a client that fails is told of and left out."""
    costs: dict[str, list[Cost]] = {}
    broken: set[str] = set()
    for _ in range(rounds):
        for client in clients:
            task = task_of(case, folder)
            command = client.command(task)
            if command is None or client.name in broken:
                continue
            if case.deed is Deed.DELETE_MANY:
                restock(client.stage, case.place)
            try:
                cost = run(command, client.stage.environment, folder / f"{client.name}.log")
                check(case, task)
            except RefusedError as error:
                print(f"{case.name}: {client.name} failed: {error}", file=sys.stderr)
                broken.add(client.name)
                costs.pop(client.name, None)
            else:
                costs.setdefault(client.name, []).append(cost)
    return {name: _median(each) for name, each in costs.items()}


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.peak for cost in costs),
    )


def rows_of(case: Case, costs: dict[str, Cost]) -> Iterator[str]:
    """The lines of a Markdown table: wall, CPU, memory, and how s4desk compares to the best."""
    ours = costs.get("s4desk")
    best = min((cost.wall for name, cost in costs.items() if name != "s4desk"), default=0.0)
    for name, cost in sorted(costs.items(), key=lambda item: item[1].wall):
        ratio = f"{best / cost.wall:.2f}" if cost is ours and best else ""
        shown = f"**{name}**" if cost is ours else name
        yield (
            f"| {case.title} | {shown} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.peak:.0f} |"
            f" {ratio} |"
        )


HEAD = (
    "| task | client | wall s | CPU s | peak MB | best peer's wall / ours |",
    "|---|---|---:|---:|---:|---:|",
)


@contextlib.contextmanager
def server(*, tls: bool, rtt_ms: float) -> Iterator[tuple[str, Path | None]]:
    """The null server, behind a long way if asked for: URL and authority."""
    null = Null(tls=tls)
    try:
        endpoint = null.start()
        if not rtt_ms:
            yield endpoint.url, endpoint.ca
            return
        with DelayProxy(endpoint.url, rtt_ms) as url:
            yield url, endpoint.ca
    finally:
        null.stop()


def install(venv: Path) -> None:
    """The peers, once."""
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin" / "pip", "install", "-q", *PACKAGES], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--client", action="append", choices=[each.name for each in CLIENTS])
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--rtt", type=float, default=0.0, metavar="MS")
    parser.add_argument("--venv", type=Path, default=ROOT / ".servers" / "peers")
    parser.add_argument("--markdown", type=Path, help="write the table to this file too")
    options = parser.parse_args()
    install(options.venv)
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="s4desk-", dir=memory if memory.is_dir() else None))
    lines = list(HEAD)
    print(*HEAD, sep="\n")
    try:
        with server(tls=options.tls, rtt_ms=options.rtt) as (url, ca):
            stage = Stage(url, ca, options.venv, folder)
            clients = [
                each(stage) for each in CLIENTS if not options.client or each.name in options.client
            ]
            for client in clients:
                client.prepare()
            for case in CASES:
                if options.case and case.name not in options.case:
                    continue
                found = list(rows_of(case, measure(case, clients, folder, options.rounds)))
                print(*found, sep="\n", flush=True)
                lines += found
    finally:
        shutil.rmtree(folder)
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
