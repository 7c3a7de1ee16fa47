"""What a store can do, in words: what each thing is, the answer, why, and how it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.capability import Answer, Capability, Evidence, Reason
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import Prefix
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.capability import CapabilityReport, Finding
    from s4desk.core.domain.connection import Connection

_C, _R = Capability, Reason


def columns() -> Sequence[str]:
    return (tr("Capability"), tr("Answer"), tr("Why"), tr("Known from"))


def title(connection: Connection) -> str:
    return tr("What “{name}” Can Do").format(name=connection.name)


def name_text(capability: Capability) -> str:
    return _names()[capability]


def _names() -> Mapping[Capability, str]:
    checksum = tr("Checksum {algorithm}")
    return {
        _C.LIST_BUCKETS: tr("List of buckets"),
        _C.LIST_VERSIONS: tr("List of versions"),
        _C.LIST_UPLOADS: tr("List of unfinished uploads"),
        _C.VERSIONING: tr("Versioning"),
        _C.OBJECT_LOCK: tr("Object Lock"),
        _C.LIFECYCLE: tr("Lifecycle rules"),
        _C.REPLICATION: tr("Replication rules"),
        _C.POLICY: tr("Bucket policy"),
        _C.CORS: tr("Cross-origin rules (CORS)"),
        _C.ENCRYPTION: tr("Default encryption"),
        _C.BUCKET_TAGGING: tr("Tags of buckets"),
        _C.COPY: tr("Copy inside the store"),
        _C.MULTIPART: tr("Upload in parts"),
        _C.MULTIPART_COPY: tr("Copy in parts"),
        _C.BATCH_DELETE: tr("Delete many at once"),
        _C.OBJECT_TAGGING: tr("Tags of objects"),
        _C.PUT_IF_ABSENT: tr("Upload only if absent"),
        _C.PUT_IF_MATCH: tr("Upload only over the same"),
        _C.COMPLETE_IF_ABSENT: tr("Complete parts only if absent"),
        _C.COPY_IF_ABSENT: tr("Copy only if absent"),
        _C.COPY_SOURCE_IF_MATCH: tr("Copy only the same source"),
        _C.DELETE_IF_MATCH: tr("Delete only the same"),
        _C.CRC64NVME: checksum.format(algorithm="CRC64NVME"),
        _C.CRC32C: checksum.format(algorithm="CRC32C"),
        _C.CRC32: checksum.format(algorithm="CRC32"),
        _C.SHA256: checksum.format(algorithm="SHA-256"),
        _C.SHA1: checksum.format(algorithm="SHA-1"),
        _C.MD5: checksum.format(algorithm="MD5"),
        _C.PATH_STYLE: tr("Bucket in the path"),
        _C.VIRTUAL_HOST: tr("Bucket in the host name"),
        _C.PRESIGN: tr("Signed links"),
    }


def answer_text(answer: Answer) -> str:
    return {
        Answer.YES: tr("Yes"),
        Answer.NO: tr("No"),
        Answer.DENIED: tr("Not for this key"),
        Answer.UNKNOWN: tr("Not known"),
    }[answer]


def reason_text(finding: Finding) -> str:
    """One sentence."""
    return _reasons()[finding.reason]


def _reasons() -> Mapping[Reason, str]:
    return {
        _R.DOCUMENTED: tr("The provider says so."),
        _R.SEEN: tr("A reply showed it."),
        _R.WORKED: tr("It was tried and did what it should."),
        _R.WORKED_UNQUOTED: tr("It works, with ETags that have no quotes."),
        _R.NEVER_RUNS_OUT: tr("It works, but a link that has run out works as well."),
        _R.SET: tr("The bucket has it set."),
        _R.NONE_SET: tr("The store knows it; none is set here."),
        _R.REFUSED: tr("The store says that it does not have it."),
        _R.IGNORED: tr("The store answers as if not asked for it."),
        _R.NOT_VERIFIED: tr("The store takes a wrong one without a word."),
        _R.NOT_KEPT: tr("The store does not keep it with the object."),
        _R.SEVERAL_WINNERS: tr("Of several writers at once more than one came through."),
        _R.REPLACED: tr("The store refuses, and does it all the same."),
        _R.NO_HOST: tr("Such a host name leads nowhere."),
        _R.IS_ADDRESS: tr("The endpoint is a numeric address: no name can stand before it."),
        _R.BAD_CERTIFICATE: tr("The certificate is not for such a host name."),
        _R.NO_VERSIONS: tr("The store cannot list versions."),
        _R.FORBIDDEN: tr("The key of this connection may not do that."),
        _R.NOT_TRIED: tr("It has not been tried."),
        _R.NEEDS_WRITING: tr("Only writing tells, and the probe only read."),
        _R.NO_OBJECT: tr("There is no object here to look at."),
        _R.NO_KEYS: tr("Without a key nothing can be signed."),
        _R.ODD_NAME: tr("The name of this bucket cannot stand in a host name."),
        _R.FAILED: tr("The store failed at it."),
        _R.WOULD_BE_KEPT: tr("Nothing was written: this bucket would have kept it."),
        _R.MIGHT_BE_KEPT: tr(
            "Nothing was tried: this key may not see, or may not remove, what stays in the bucket."
        ),
        _R.WOULD_BE_REPLICATED: tr("Nothing was written: this bucket replicates what is written."),
    }


def unset_text() -> str:
    """For what is not known although the store answers that none is set."""
    return tr("The store says that none is set; only setting one would tell.")


def why_text(finding: Finding) -> str:
    """The sentence, and what the store said."""
    if finding.answer is Answer.UNKNOWN and finding.reason is Reason.NONE_SET:
        return unset_text()
    sentence = reason_text(finding)
    if finding.among_versions and finding.answer in (Answer.YES, Answer.NO):
        sentence += " " + tr("So it is where versions are kept.")
    if finding.is_of_other_key:
        sentence += " " + tr("Another key has found that.")
    return f"{sentence} ({printable(finding.detail)})" if finding.detail else sentence


def evidence_text(finding: Finding) -> str:
    return "" if finding.reason is Reason.NOT_TRIED else evidence_name(finding.evidence)


def evidence_name(evidence: Evidence) -> str:
    return {
        Evidence.DOCUMENTED: tr("Documentation"),
        Evidence.REPLY: tr("A reply"),
        Evidence.PROBE: tr("Probe"),
    }[evidence]


def evidence_tip(finding: Finding) -> str:
    """The same, with when it was."""
    when = _date(finding.at)
    known = evidence_text(finding)
    return tr("{known}, {when}").format(known=known, when=when) if when and known else known


def _date(at: datetime | None) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M") if at is not None else ""


def lack_text(capability: Capability, finding: Finding) -> str:
    """Why a command cannot be given, for its tool tip."""
    sentence = tr("This store does not have it: {name}. {reason}")
    return sentence.format(name=name_text(capability), reason=reason_text(finding))


def lack_of(report: CapabilityReport | None, capability: Capability) -> str:
    """Why a store has no use for something, as far as that is known; empty when it may have it."""
    finding = report.lacks.get(capability) if report is not None else None
    return lack_text(capability, finding) if finding is not None else ""


def cells(capability: Capability, finding: Finding) -> Sequence[str]:
    """One row of the table, by `columns`."""
    return (
        name_text(capability),
        answer_text(finding.answer),
        why_text(finding),
        evidence_text(finding),
    )


def summary(report: CapabilityReport) -> str:
    """Where and when it was probed."""
    if report.at is None:
        return tr("This store has not been probed yet.")
    place = printable(place_text(report.place))
    sentence = tr("Probed on {when} in {place}.").format(when=_date(report.at), place=place)
    if report.server:
        sentence += " " + tr("The store calls itself {server}.").format(
            server=printable(report.server)
        )
    if report.has_other_keys:
        sentence += " " + tr("Some of it was found with another key: probe it again for this one.")
    return sentence


def leftovers_text(report: CapabilityReport) -> str:
    """What a probe could not remove; empty when it removed everything."""
    if not report.leftovers:
        return ""
    keys = ", ".join(printable(key) for key in report.leftovers)
    return tr("These could not be removed, remove them by hand: {keys}").format(keys=keys)


def as_text(connection: Connection, report: CapabilityReport) -> str:
    """The whole table as plain text, to be sent to somebody."""
    rows = [columns(), *(cells(each, report[each]) for each in Capability)]
    widths = [max(len(row[at]) for row in rows) for at in range(2)]
    lines = [
        "  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), *row[2:])).rstrip()
        for row in rows
    ]
    return "\n".join((title(connection), summary(report), "", *lines, ""))


def record(connection: Connection, report: CapabilityReport) -> dict[str, object]:
    """The head of a report for programs."""
    return {
        "type": "probe",
        "connection": connection.name,
        "endpoint": connection.endpoint,
        "server": report.server,
        "bucket": report.place.bucket,
        "prefix": report.place.prefix,
        "at": _iso(report.at),
        "leftovers": list(report.leftovers),
    }


def finding_record(
    connection: Connection, capability: Capability, finding: Finding
) -> dict[str, object]:
    return {
        "type": "capability",
        "connection": connection.name,
        "capability": capability.value,
        "answer": finding.answer.value,
        "reason": finding.reason.value,
        "sentence": why_text(finding),
        "detail": finding.detail,
        "among_versions": finding.among_versions,
        "other_key": finding.is_of_other_key,
        "evidence": finding.evidence.value if finding.reason is not Reason.NOT_TRIED else None,
        "at": _iso(finding.at),
    }


def records(connection: Connection, report: CapabilityReport) -> list[dict[str, object]]:
    return [
        record(connection, report),
        *(finding_record(connection, each, report[each]) for each in Capability),
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None


def place_text(place: Prefix) -> str:
    """A place as it is typed."""
    return f"{place.bucket}/{place.prefix}" if place.prefix else place.bucket


def parse_place(text: str) -> Prefix:
    """`bucket`, `bucket/prefix` or the same behind s3://. Raises ValidationError."""
    bucket, _, prefix = text.strip().removeprefix("s3://").partition("/")
    if not bucket:
        raise ValidationError(tr("Name a bucket in which things can be tried."))
    return Prefix(bucket, prefix)
