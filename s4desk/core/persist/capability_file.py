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
from s4desk.core.domain.identity import Prefix
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

    What a key may not do is of that key; the rest is of the store and holds for every connection to
    it, but says that it was found with another key where that is so. A file that cannot be read is
    as good as none.
    """

    def __init__(self, path: Path) -> None:
        self._file = TomlFile(path)

    async def load(self, endpoint: str, asker: str) -> CapabilityReport | None:
        return await in_thread(self._load, endpoint, asker)

    async def keep(
        self, report: CapabilityReport, asker: str, endpoints: Collection[str]
    ) -> CapabilityReport:
        """Keep a report, together with the answers of the one before that it has none to.

        Reports of other than `endpoints` are dropped: nobody has a connection there any more.
        Raises LocalFileError.
        """
        return await in_thread(self._keep, report, asker, endpoints)

    def _load(self, endpoint: str, asker: str) -> CapabilityReport | None:
        try:
            return _read(self._file.load(), endpoint, asker)
        except OSError as error:
            log.warning("what was probed cannot be read: %s", error)
            return None

    def _keep(
        self, report: CapabilityReport, asker: str, endpoints: Collection[str]
    ) -> CapabilityReport:
        kept = report

        def change(document: Document) -> None:
            nonlocal kept
            kept = renewed(_read(document, report.endpoint, asker), report)
            stores = document.get("stores")
            stores = stores if isinstance(stores, dict) else {}
            others = _askers(stores.get(report.endpoint))
            document["stores"] = {
                **{name: store for name, store in stores.items() if name in endpoints},
                report.endpoint: _written(kept, asker, others),
            }

        self._file.change(change)
        return kept


def _read(document: Document, endpoint: str, asker: str) -> CapabilityReport | None:
    stores = document.get("stores")
    store = stores.get(endpoint) if isinstance(stores, dict) else None
    if store is None:
        return None
    try:
        findings = {
            Capability(name): _finding(row, asker)
            for name, row in store["findings"].items()
            if name in _NAMES and (row.get("asker") == asker or row["answer"] != Answer.DENIED)
        }
        place = Prefix(str(store["bucket"]), str(store["prefix"]))
        return CapabilityReport(endpoint, str(store["server"]), place, findings)
    except _UNREADABLE as error:
        log.warning("what was probed at %s cannot be read: %s", endpoint, error)
        return None


def _askers(store: object) -> Mapping[str, str]:
    """With whose keys each answer was found, of what is kept of a store."""
    rows = store.get("findings") if isinstance(store, dict) else None
    if not isinstance(rows, dict):
        return {}
    return {name: str(row.get("asker", "")) for name, row in rows.items() if isinstance(row, dict)}


def _finding(row: Mapping[str, Any], asker: str) -> Finding:
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
        row.get("asker") != asker,
    )


def _written(report: CapabilityReport, asker: str, others: Mapping[str, str]) -> Document:
    return {
        "server": report.server,
        "bucket": report.place.bucket,
        "prefix": _writable(report.place.prefix),
        "findings": {
            capability.value: _row(
                finding, others.get(capability, "") if finding.is_of_other_key else asker
            )
            for capability, finding in report.findings.items()
        },
    }


def _row(finding: Finding, asker: str) -> Document:
    row: Document = {
        "answer": finding.answer.value,
        "reason": finding.reason.value,
        "asker": _writable(asker),
    }
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
