"""What probes found out, kept for the next start: `capabilities.toml` in the data folder."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.capability import (
    Answer,
    Capability,
    CapabilityReport,
    Evidence,
    Finding,
    Reason,
    renewed,
)
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.persist.toml_file import TomlFile
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from s4desk.core.persist.toml_file import Document

log = logging.getLogger(__name__)
_NAMES = frozenset(each.value for each in Capability)
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


class CapabilityFile:
    """One report per endpoint. Several processes may read and write it.

    What a key may not do is of the connection that asked; the rest is of the store, and holds for
    every connection to it. A file that cannot be read is as good as none.
    """

    def __init__(self, path: Path) -> None:
        self._file = TomlFile(path)

    async def load(self, endpoint: str, connection: ConnectionId) -> CapabilityReport | None:
        return await in_thread(self._load, endpoint, connection)

    async def keep(
        self, report: CapabilityReport, connection: ConnectionId, endpoints: Collection[str]
    ) -> CapabilityReport:
        """Keep a report, together with the answers of the one before that it has none to.

        Reports of other than `endpoints` are dropped: nobody has a connection there any more.
        Raises LocalFileError.
        """
        return await in_thread(self._keep, report, connection, endpoints)

    def _load(self, endpoint: str, connection: ConnectionId) -> CapabilityReport | None:
        try:
            return _read(self._file.load(), endpoint, connection)
        except OSError as error:
            log.warning("what was probed cannot be read: %s", error)
            return None

    def _keep(
        self, report: CapabilityReport, connection: ConnectionId, endpoints: Collection[str]
    ) -> CapabilityReport:
        kept = report

        def change(document: Document) -> None:
            nonlocal kept
            kept = renewed(_read(document, report.endpoint, connection), report)
            stores = document.get("stores")
            stores = stores if isinstance(stores, dict) else {}
            document["stores"] = {
                **{name: store for name, store in stores.items() if name in endpoints},
                report.endpoint: _written(kept, connection),
            }

        self._file.change(change)
        return kept


def _read(document: Document, endpoint: str, connection: ConnectionId) -> CapabilityReport | None:
    stores = document.get("stores")
    store = stores.get(endpoint) if isinstance(stores, dict) else None
    if store is None:
        return None
    try:
        is_own = store.get("connection") == connection
        findings = {
            Capability(name): _finding(row)
            for name, row in store["findings"].items()
            if name in _NAMES and (is_own or row["answer"] != Answer.DENIED)
        }
        place = Prefix(str(store["bucket"]), str(store["prefix"]))
        return CapabilityReport(endpoint, str(store["server"]), place, findings)
    except _UNREADABLE as error:
        log.warning("what was probed at %s cannot be read: %s", endpoint, error)
        return None


def _finding(row: Mapping[str, Any]) -> Finding:
    at = row.get("at")
    if at is not None and not isinstance(at, datetime):
        raise TypeError(f"no time: {at!r}")
    return Finding(
        Answer(row["answer"]),
        Reason(row["reason"]),
        str(row.get("detail", "")),
        Evidence.PROBE,
        at,
        bool(row.get("among_versions")),
    )


def _written(report: CapabilityReport, connection: ConnectionId) -> Document:
    return {
        "server": report.server,
        "connection": str(connection),
        "bucket": report.place.bucket,
        "prefix": _writable(report.place.prefix),
        "findings": {
            capability.value: _row(finding) for capability, finding in report.findings.items()
        },
    }


def _row(finding: Finding) -> Document:
    row: Document = {"answer": finding.answer.value, "reason": finding.reason.value}
    if finding.detail:
        row["detail"] = _writable(finding.detail)
    if finding.at is not None:
        row["at"] = finding.at
    if finding.among_versions:
        row["among_versions"] = True
    return row


def _writable(text: str) -> str:
    """Bytes that are no UTF-8 have no place in such a file."""
    return text.encode("utf-8", "replace").decode("utf-8")
