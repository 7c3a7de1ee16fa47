"""What somebody who helps wants to know: without secrets, and without names unless they are wanted.

Names are those of connections, buckets, keys, files, hosts and people.
"""

from __future__ import annotations

import logging
import os
import platform
import re
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from s4desk.core.domain.capability import Answer
from s4desk.core.runtime.log_file import LogFile
from s4desk.core.runtime.logs import redacted
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.capability import CapabilityReport
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.failover import FailoverGroup
    from s4desk.core.runtime.log_file import LogRecord

LAST_ERRORS: Final = 20
HIDDEN: Final = "(hidden)"
_PACKAGES: Final = (
    "s4desk",
    "PySide6-Essentials",
    "qasync",
    "aiobotocore",
    "botocore",
    "aiohttp",
    "awscrt",
    "lxml",
    "cryptography",
    "keyring",
)
_NAMED: Final = (
    "name",
    "ca_file",
    "start_bucket",
    "start_prefix",
    "key_id",
    "client_certificate",
    "client_key",
)
_PATHS: Final = ("download_folder",)
_REQUEST: Final = re.compile(r" (\w+) bucket='.*: (\d*) ?(\w+Error)\b")
_REQUEST_ID: Final = re.compile(r"\brequest id ([\w.-]+), \d+ ms")
_FRAME: Final = re.compile(r'File ".*?(\w+[/\\]\w+\.py)", line (\d+), in (\w+)')
_RAISED: Final = re.compile(r"^([\w.]+(?:Error|Exception|Interrupt))\b", re.MULTILINE)
_HEAD: Final = re.compile(r"(\S+ \S+ [A-Z]+) +.*? ([\w.]+): ")


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """All of it, with names."""

    versions: Mapping[str, str]
    settings: Mapping[str, Any]
    secrets: str
    connections: Sequence[tuple[Connection, CapabilityReport | None]]
    transfers: Mapping[str, int]
    errors: Sequence[LogRecord]


async def gather(desk: Desk, more: Mapping[str, str]) -> Diagnostics:
    """`more` is what only a window knows. Raises LocalFileError for a log that cannot be read."""
    records = await in_thread(LogFile(desk.folders.logs).read)
    state = await desk.secrets.state()
    connections = [
        (each, await desk.stores.kept_report(each.id)) for each in desk.connections.all()
    ]
    counts: dict[str, int] = {}
    for transfer in desk.queue.transfers():
        counts[transfer.state.value] = counts.get(transfer.state.value, 0) + 1
    return Diagnostics(
        {**versions(), **more},
        asdict(desk.settings.current),
        "file" if state.in_file else "keyring" if state.usable else "session",
        connections,
        counts,
        [each for each in records if _is_error(each)][-LAST_ERRORS:],
    )


def versions() -> dict[str, str]:
    """Of what this process is made of; nothing is imported for it."""
    found = {
        "platform": platform.platform(),
        "python": platform.python_version(),
        "locale": os.environ.get("LC_ALL") or os.environ.get("LANG", ""),
    }
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "-"
    return found


def as_record(told: Diagnostics, *, with_names: bool = False) -> dict[str, object]:
    """For programs."""
    return {
        "versions": dict(told.versions),
        "settings": _settings(told.settings, with_names=with_names),
        "secrets": told.secrets,
        "connections": [
            _connection(at, each, report, with_names=with_names)
            for at, (each, report) in enumerate(told.connections, 1)
        ],
        "transfers": dict(told.transfers),
        "errors": [_error(each, with_names=with_names) for each in told.errors],
    }


def as_text(told: Diagnostics, *, with_names: bool = False) -> str:
    """For people, to be pasted into a report; in English, whoever reads it."""
    record = as_record(told, with_names=with_names)
    lines: list[str] = []
    for title, part in record.items():
        lines += [f"{title}:", *_lines(part), ""]
    return redacted("\n".join(lines))


def _lines(part: object) -> Iterable[str]:
    if isinstance(part, dict):
        return [f"  {name}: {value}" for name, value in part.items()] or ["  -"]
    if isinstance(part, list):
        return [f"  {line}" for each in part for line in _item(each)] or ["  -"]
    return [f"  {part}"]


def _item(each: object) -> Iterable[str]:
    if isinstance(each, dict):
        pairs = [f"{name}={value}" for name, value in each.items() if value not in ("", None)]
        return ["- " + ", ".join(pairs)]
    first, *rest = str(each).splitlines() or [""]
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _settings(settings: Mapping[str, Any], *, with_names: bool) -> dict[str, object]:
    return {
        name: HIDDEN if value and name in _PATHS and not with_names else value
        for name, value in settings.items()
    }


def _connection(
    number: int, connection: Connection, report: CapabilityReport | None, *, with_names: bool
) -> dict[str, object]:
    told: dict[str, object] = {"number": number}
    for field in fields(connection):
        value = getattr(connection, field.name)
        if field.name == "endpoint":
            value = value if with_names else _without_host(value)
        elif field.name == "proxy":
            value = value if with_names or value == "none" else _without_host(value)
        elif field.name == "credentials":
            value = str(value) if with_names else value.kind.value
        elif field.name == "limits":
            value = {name: limit for name, limit in asdict(value).items() if limit}
        elif field.name == "group":
            value = "" if value is None else _group(value)
        elif field.name in _NAMED and value and not with_names:
            value = HIDDEN
        if field.name != "id" and value not in ("", {}):
            told[field.name] = value
    if report is not None:
        told["server"] = report.server
        told["lacks"] = " ".join(
            each.value for each, found in report.findings.items() if found.answer is Answer.NO
        )
    return told


def _group(group: FailoverGroup) -> dict[str, object]:
    """Without the names of buckets."""
    limits = [asdict(each.limits) for each in group.backends]
    return {
        "backends": len(group.backends),
        "degraded_reads": group.degraded_reads,
        "parallel": group.parallel,
        "timeout_s": group.timeout_s,
        "limited": sum(any(each.values()) for each in limits),
    }


def _without_host(address: str) -> str:
    """The scheme and the port of an address."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{HIDDEN}{port}" if parts.scheme else HIDDEN


def _is_error(record: LogRecord) -> bool:
    return record.level >= logging.WARNING or _REQUEST.search(record.text) is not None


def _error(record: LogRecord, *, with_names: bool) -> str:
    """A record, or what of it is no name: when, who, which request, what was raised where."""
    if with_names:
        return redacted(record.text)
    head = _HEAD.match(record.text)
    parts = [" ".join(head.groups())] if head is not None else []
    if request := _REQUEST.search(record.text):
        parts.append(" ".join(filter(None, request.groups())))
        if found := _REQUEST_ID.search(record.text):
            parts.append(f"request id {found[1]}")
    elif raised := _RAISED.findall(record.text):
        parts += [raised[-1], *(":".join(frame) for frame in _FRAME.findall(record.text)[-4:])]
    return ", ".join(parts)
