"""All that is known of one store together: what was probed, seen in replies, and documented."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.capability import (
    Answer,
    Capability,
    CapabilityReport,
    Evidence,
    Finding,
    Reason,
)
from s4desk.core.domain.connection import CredentialKind
from s4desk.core.domain.providers import OTHER, PROVIDERS
from s4desk.core.store.capabilities import Capabilities, IfMatch, known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.connection import Connection

RELIED_ON: Final = timedelta(days=30)
"""A store may be replaced by another version; after so long a promise needs to be probed again."""

_C = Capability
_THERE: Final = Finding(Answer.YES, Reason.DOCUMENTED, evidence=Evidence.DOCUMENTED)
_NOT_THERE: Final = Finding(Answer.NO, Reason.DOCUMENTED, evidence=Evidence.DOCUMENTED)
_OF_THE_KEY: Final = frozenset({_C.LIST_BUCKETS})
_FIELDS: Final = {
    _C.PUT_IF_ABSENT: "conditional_put",
    _C.COMPLETE_IF_ABSENT: "conditional_complete",
    _C.COPY_IF_ABSENT: "conditional_copy",
    _C.DELETE_IF_MATCH: "conditional_delete",
    _C.CRC64NVME: "keeps_checksums",
    _C.BATCH_DELETE: "batch_delete",
    _C.OBJECT_TAGGING: "tagging",
}
_PROMISES: Final = (
    _C.PUT_IF_ABSENT,
    _C.COMPLETE_IF_ABSENT,
    _C.COPY_IF_ABSENT,
    _C.DELETE_IF_MATCH,
)
_SPELLINGS: Final = {
    Reason.WORKED: IfMatch.QUOTED,
    Reason.WORKED_UNQUOTED: IfMatch.BARE,
}


def identity(connection: Connection) -> str:
    """The store behind a connection, by its address: what was probed there is known of it."""
    return connection.endpoint.rstrip("/") or "AWS"


def asker(connection: Connection) -> str:
    """With whose keys a store is asked. What one key may not do says nothing of another."""
    reference = connection.credentials
    if reference.kind is not CredentialKind.KEYRING:
        return str(reference)
    return f"key:{connection.key_id}" if connection.key_id else f"connection:{connection.id}"


def report_of(
    connection: Connection, capabilities: Capabilities, probed: CapabilityReport | None
) -> CapabilityReport:
    """The best answer to everything: that of a probe, of a reply, of the documentation."""
    report = probed or CapabilityReport(identity(connection))
    learned = _learned(connection, capabilities)
    findings = {**_documented(connection), **learned}
    for capability, finding in report.findings.items():
        is_known_better = finding.is_of_other_key and capability in learned
        is_answer = finding.answer is not Answer.UNKNOWN and not is_known_better
        if is_answer or capability not in findings:
            findings[capability] = finding
    return replace(
        report, findings={each: findings[each] for each in Capability if each in findings}
    )


def _documented(connection: Connection) -> Mapping[Capability, Finding]:
    if connection.is_aws:
        return {each: _THERE for each in Capability if each not in _OF_THE_KEY}
    provider = PROVIDERS.get(connection.provider, OTHER)
    return dict.fromkeys(provider.has, _THERE) | dict.fromkeys(provider.lacks, _NOT_THERE)


def _learned(connection: Connection, capabilities: Capabilities) -> dict[Capability, Finding]:
    """What replies have shown since the connection was opened."""
    beforehand = known(connection)
    found = {}
    for capability, field in _FIELDS.items():
        value = getattr(capabilities, field)
        if value is None or value == getattr(beforehand, field):
            continue
        reason = Reason.SEEN if value else _missing(capability)
        answer = Answer.YES if value else Answer.NO
        found[capability] = Finding(answer, reason, evidence=Evidence.REPLY)
    return found


def _missing(capability: Capability) -> Reason:
    return Reason.NOT_KEPT if capability is _C.CRC64NVME else Reason.REFUSED


def rely_on(report: CapabilityReport, capabilities: Capabilities, now: datetime) -> None:
    """Let requests go by what a probe found about conditions, as long as that is not too old.

    What was found among versions is left out: there a promise that is broken costs nothing, and
    what is ignored there may hold where it matters.
    """
    for capability in _PROMISES:
        finding = report[capability]
        if _counts(finding, now):
            setattr(capabilities, _FIELDS[capability], finding.answer is Answer.YES)
    match = report[_C.PUT_IF_MATCH]
    if _counts(match, now):
        is_there = match.answer is Answer.YES
        capabilities.if_match = _SPELLINGS[match.reason] if is_there else IfMatch.UNSUPPORTED


def _counts(finding: Finding, now: datetime) -> bool:
    is_certain = finding.answer in (Answer.YES, Answer.NO) and finding.evidence is Evidence.PROBE
    is_everywhere = not finding.among_versions
    return is_certain and is_everywhere and finding.at is not None and now - finding.at < RELIED_ON
