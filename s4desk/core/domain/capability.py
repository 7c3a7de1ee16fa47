"""What a store can do, thing by thing: the answer, why it is so, and how it is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Prefix

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Capability(StrEnum):
    """Everything a probe asks about, in the order it is shown."""

    LIST_BUCKETS = "list_buckets"
    LIST_VERSIONS = "list_versions"
    LIST_UPLOADS = "list_uploads"

    VERSIONING = "versioning"
    OBJECT_LOCK = "object_lock"
    LIFECYCLE = "lifecycle"
    REPLICATION = "replication"
    POLICY = "policy"
    CORS = "cors"
    ENCRYPTION = "encryption"
    BUCKET_TAGGING = "tagging"

    COPY = "copy"
    MULTIPART = "multipart"
    MULTIPART_COPY = "multipart_copy"
    BATCH_DELETE = "batch_delete"
    OBJECT_TAGGING = "object_tagging"

    PUT_IF_ABSENT = "put_if_absent"
    PUT_IF_MATCH = "put_if_match"
    COMPLETE_IF_ABSENT = "complete_if_absent"
    COPY_IF_ABSENT = "copy_if_absent"
    COPY_SOURCE_IF_MATCH = "copy_source_if_match"
    DELETE_IF_MATCH = "delete_if_match"

    CRC64NVME = "checksum_crc64nvme"
    CRC32C = "checksum_crc32c"
    CRC32 = "checksum_crc32"
    SHA256 = "checksum_sha256"
    SHA1 = "checksum_sha1"
    MD5 = "checksum_md5"

    PATH_STYLE = "path_style"
    VIRTUAL_HOST = "virtual_host"
    PRESIGN = "presign"


CONDITIONS: Final = frozenset(
    {
        Capability.PUT_IF_ABSENT,
        Capability.PUT_IF_MATCH,
        Capability.COMPLETE_IF_ABSENT,
        Capability.COPY_IF_ABSENT,
        Capability.COPY_SOURCE_IF_MATCH,
        Capability.DELETE_IF_MATCH,
    }
)
"""What stores keep differently in a bucket with versions: Ceph 16 looks at none of them there."""


class Answer(StrEnum):
    """DENIED: the store may well have it, but this key may not use it."""

    YES = "yes"
    NO = "no"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why an answer is what it is; `viewmodels/capability_text` has the sentences."""

    # Why it is there.
    DOCUMENTED = "documented"
    SEEN = "seen"  # in a reply, while something else was done
    WORKED = "worked"
    WORKED_UNQUOTED = "worked_unquoted"  # an ETag is compared without the quotes around it
    NEVER_RUNS_OUT = "never_runs_out"  # a link whose time is over works all the same
    SET = "set"
    NONE_SET = "none_set"

    # Why it is not.
    REFUSED = "refused"
    IGNORED = "ignored"
    NOT_VERIFIED = "not_verified"
    NOT_KEPT = "not_kept"
    SEVERAL_WINNERS = "several_winners"
    REPLACED = "replaced"  # refused, and the object replaced all the same
    NO_HOST = "no_host"
    IS_ADDRESS = "is_address"
    BAD_CERTIFICATE = "bad_certificate"
    NO_VERSIONS = "no_versions"

    FORBIDDEN = "forbidden"

    # Why it is not known.
    NOT_TRIED = "not_tried"
    NEEDS_WRITING = "needs_writing"
    NO_OBJECT = "no_object"
    NO_KEYS = "no_keys"
    ODD_NAME = "odd_name"
    FAILED = "failed"
    WOULD_BE_KEPT = "would_be_kept"
    MIGHT_BE_KEPT = "might_be_kept"
    WOULD_BE_REPLICATED = "would_be_replicated"


class Evidence(StrEnum):
    """How an answer is known."""

    DOCUMENTED = "documented"
    REPLY = "reply"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer. `detail` is what the store said, not translated; `at` is when it was learned.

    `among_versions`: it was found where versions are kept, or may be, and stores treat conditions
    otherwise there. `is_of_other_key`: another key was asked than that of the connection now.
    """

    answer: Answer
    reason: Reason
    detail: str = ""
    evidence: Evidence = Evidence.PROBE
    at: datetime | None = None
    among_versions: bool = False
    is_of_other_key: bool = False


NOT_TRIED: Final = Finding(Answer.UNKNOWN, Reason.NOT_TRIED)
NOWHERE: Final = Prefix("")
NO_FINDINGS: Final[Mapping[Capability, Finding]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CapabilityReport:
    """What is known of one store.

    `server` is what it calls itself in its replies, with its version where it tells one; `place` is
    where it was probed. `leftovers` are keys that a probe wrote and could not remove.
    """

    endpoint: str = ""
    server: str = ""
    place: Prefix = NOWHERE
    findings: Mapping[Capability, Finding] = field(default_factory=lambda: NO_FINDINGS)
    leftovers: tuple[str, ...] = ()

    def __getitem__(self, capability: Capability) -> Finding:
        return self.findings.get(capability, NOT_TRIED)

    @property
    def at(self) -> datetime | None:
        """When it was probed last, None when it never was."""
        return max((each.at for each in self.findings.values() if each.at), default=None)

    @property
    def has_other_keys(self) -> bool:
        """Whether some of it was found with another key than that of the connection now."""
        return any(each.is_of_other_key for each in self.findings.values())

    @property
    def lacks(self) -> Mapping[Capability, Finding]:
        """What is certainly not there."""
        return {
            capability: finding
            for capability, finding in self.findings.items()
            if finding.answer is Answer.NO
        }


def renewed(before: CapabilityReport | None, now: CapabilityReport) -> CapabilityReport:
    """A new report, with the answers of the one before where the new one has none.

    The answers of another endpoint, or of another version, say nothing any more; nor does what was
    forbidden: that was so for the key and in the place of then.
    """
    if before is None or (before.endpoint, before.server) != (now.endpoint, now.server):
        return now
    findings = dict(now.findings)
    for capability, finding in before.findings.items():
        is_answer = finding.answer not in (Answer.UNKNOWN, Answer.DENIED)
        if is_answer and now[capability].answer is Answer.UNKNOWN:
            findings[capability] = finding
    return CapabilityReport(now.endpoint, now.server, now.place, findings, now.leftovers)
