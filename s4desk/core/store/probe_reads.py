"""The experiments that only read: what a store lists, what it knows of a bucket, where it answers.

A store that does not know a subresource often answers as if it had not been asked for: with the
listing of the bucket, or with the object. So the root of each document is looked at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.capability import Answer, Capability, Finding, Reason
from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.errors import (
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    StoreError,
    ThrottledError,
    TlsError,
    UnavailableError,
    UnreachableError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.store.probe_answers import Findings, ends_probe, no, of_error, said, unknown, yes
from s4desk.core.store.s3_sender import S3Request
from s4desk.core.wire.document import parse_document, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.store.probe_bench import Bench

AGE_S: Final = 3600.0
"""How old a link is that has run out long ago, whatever the clocks say."""

_ABSENT_ALTOGETHER: Final = ("", "NotFound", "NoSuchBucket", "NoSuchKey")


@dataclass(frozen=True, slots=True)
class _Config:
    """A subresource of buckets and how the root of its document is called; a policy is JSON."""

    query: str
    roots: tuple[str, ...]


_CONFIGS: Final = {
    Capability.VERSIONING: _Config(
        # moto calls it otherwise.
        "versioning",
        ("VersioningConfiguration", "GetBucketVersioningResponse"),
    ),
    Capability.OBJECT_LOCK: _Config("object-lock", ("ObjectLockConfiguration",)),
    Capability.LIFECYCLE: _Config("lifecycle", ("LifecycleConfiguration",)),
    Capability.REPLICATION: _Config("replication", ("ReplicationConfiguration",)),
    Capability.POLICY: _Config("policy", ()),
    Capability.CORS: _Config("cors", ("CORSConfiguration",)),
    Capability.ENCRYPTION: _Config("encryption", ("ServerSideEncryptionConfiguration",)),
    Capability.BUCKET_TAGGING: _Config("tagging", ("Tagging",)),
}
CONFIGS: Final = tuple(_CONFIGS)


@dataclass(frozen=True, slots=True)
class ConfigAnswer:
    """What a bucket has of one kind; `body` is empty when it has none."""

    finding: Finding
    body: bytes = b""


async def look_at_config(bench: Bench, capability: Capability) -> ConfigAnswer:
    """Ask for one configuration; never writes one. Raises the StoreError that ends the probe."""
    config = _CONFIGS[capability]
    request = S3Request("get_config", "GET", bench.bucket, query={config.query: ""})
    try:
        body = (await bench.ask(request)).body
        is_set = _is_set(config, body)
    except NotFoundError as error:
        if error.code in _ABSENT_ALTOGETHER:
            return ConfigAnswer(unknown(Reason.FAILED, said(error)))
        return ConfigAnswer(_none_set(capability))
    except StoreError as error:
        if ends_probe(error):
            raise
        return ConfigAnswer(of_error(error))
    return ConfigAnswer(yes(Reason.SET), body) if is_set else ConfigAnswer(_none_set(capability))


def _none_set(capability: Capability) -> Finding:
    """Gateways without a second zone answer like that too, and refuse to replicate."""
    if capability is Capability.REPLICATION:
        return unknown(Reason.NONE_SET)
    return yes(Reason.NONE_SET)


def _is_set(config: _Config, body: bytes) -> bool:
    """Raises MalformedReplyError for the document of something else."""
    if not config.roots:
        try:
            return bool(json.loads(body)) if body else False
        except ValueError as error:
            raise MalformedReplyError("no policy, but something else") from error
    root = parse_document(body, *config.roots)
    return any(len(child) or (child.text or "").strip() for child in root)


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """What of a bucket would keep, or spread, what is written to it; None is not for this key."""

    retains: bool | None = False
    replicates: bool | None = False
    is_versioned: bool | None = False
    wants_mfa: bool = False

    @property
    def obstacle(self) -> Reason | None:
        """Why nothing should be tried here, if there is a reason. Without versions there is neither
        a lock nor a replica."""
        if self.retains or self.wants_mfa:
            return Reason.WOULD_BE_KEPT
        if self.replicates:
            return Reason.WOULD_BE_REPLICATED
        is_hidden = self.retains is None or self.replicates is None
        return Reason.MIGHT_BE_KEPT if is_hidden and self.is_versioned is not False else None


def facts_of(configs: Mapping[Capability, ConfigAnswer]) -> BucketFacts:
    """Needs the answers on versioning, lock and replication."""
    versioning = configs[Capability.VERSIONING]
    replication = configs[Capability.REPLICATION].finding
    lock = configs[Capability.OBJECT_LOCK]
    status, mfa = "", ""
    if versioning.body:
        root = parse_document(versioning.body, *_CONFIGS[Capability.VERSIONING].roots)
        status, mfa = text_of(root, "Status"), text_of(root, "MfaDelete")
    return BucketFacts(
        retains=None if _is_hidden(lock.finding) else b"DefaultRetention" in lock.body,
        replicates=None if _is_hidden(replication) else replication.reason is Reason.SET,
        is_versioned=None if _is_hidden(versioning.finding) else status.lower() == "enabled",
        wants_mfa=mfa.lower() == "enabled",
    )


def _is_hidden(finding: Finding) -> bool:
    return finding.answer is Answer.DENIED


async def lists(bench: Bench) -> Findings:
    """Whether versions and uploads are listed, and the buckets."""
    prefix = bench.location().key
    return {
        Capability.LIST_VERSIONS: await _answers(
            bench, {"versions": "", "max-keys": "1", "prefix": prefix}, "ListVersionsResult"
        ),
        Capability.LIST_UPLOADS: await _answers(
            bench,
            {"uploads": "", "max-uploads": "1", "prefix": prefix},
            "ListMultipartUploadsResult",
        ),
        Capability.LIST_BUCKETS: await _answers(bench, {}, "ListAllMyBucketsResult", bucket=""),
    }


async def _answers(
    bench: Bench, query: dict[str, str], root: str, *, bucket: str | None = None
) -> Finding:
    request = S3Request("list", "GET", bench.bucket if bucket is None else bucket, query=query)
    try:
        parse_document((await bench.ask(request)).body, root, repair=True)
    except StoreError as error:
        if ends_probe(error):
            raise
        # rclone says so of a bucket that has no upload.
        return yes() if error.code == "NoSuchUpload" else of_error(error)
    return yes()


async def any_object(bench: Bench) -> Findings:
    """Whether an object that is there tells its tags and its legal hold."""
    page = await bench.list_objects(bench.place, delimiter="", limit=1)
    if not page.keys:
        return {Capability.OBJECT_TAGGING: unknown(Reason.NO_OBJECT)}
    key = Location(bench.bucket, page.keys[0])
    return {Capability.OBJECT_TAGGING: await reads_tags(bench, key), **await holds(bench, key)}


async def reads_tags(bench: Bench, location: Location) -> Finding:
    request = S3Request("get_tags", "GET", location.bucket, location.key, query={"tagging": ""})
    try:
        parse_document((await bench.ask(request)).body, "Tagging")
    except StoreError as error:
        if ends_probe(error):
            raise
        return of_error(error)
    return yes()


async def holds(bench: Bench, location: Location) -> Findings:
    """That there is no lock, if the object itself comes when its legal hold is asked for.

    Without a lock on the bucket a store that knows locks refuses the question: that says nothing.
    """
    query = {"legal-hold": ""}
    request = S3Request("get_legal_hold", "GET", location.bucket, location.key, query=query)
    try:
        parse_document((await bench.ask(request)).body, "LegalHold")
    except (MalformedReplyError, NotSupportedError) as error:
        return {Capability.OBJECT_LOCK: of_error(error)}
    except StoreError as error:
        if ends_probe(error):
            raise
    return {}


async def addressing(bench: Bench) -> Findings:
    """Whether the bucket's name may stand in the path, and whether it may stand in the host."""
    return {
        Capability.PATH_STYLE: await _reached_by(bench, Addressing.PATH),
        Capability.VIRTUAL_HOST: await _by_host(bench),
    }


async def _by_host(bench: Bench) -> Finding:
    assert bench.door is not None
    if bench.door.host_is_address:
        return no(Reason.IS_ADDRESS, bench.door.host)
    if not bench.door.can_name(bench.bucket):
        return unknown(Reason.ODD_NAME, bench.bucket)
    return await _reached_by(bench, Addressing.VIRTUAL)


async def _reached_by(bench: Bench, how: Addressing) -> Finding:
    """The store itself answers already: what does not work so is for want of this addressing."""
    query = {"list-type": "2", "max-keys": "1", "prefix": bench.location().key}
    request = S3Request("list_objects", "GET", bench.bucket, query=query)
    try:
        root = parse_document((await bench.ask(request, how)).body, "ListBucketResult")
    except UnreachableError as error:
        return no(Reason.NO_HOST, error.detail)
    except TlsError as error:
        return no(Reason.BAD_CERTIFICATE, error.detail)
    except (UnavailableError, ThrottledError) as error:
        return unknown(Reason.FAILED, said(error))
    except StoreError as error:
        return no(Reason.IGNORED, said(error))
    named = text_of(root, "Name")
    return yes() if named in ("", bench.bucket) else no(Reason.IGNORED, f"<Name>{named}")


async def signed_link(bench: Bench, location: Location, expected: bytes | None = None) -> Finding:
    """Whether a signed link to `location` leads there without a key, and no longer than it says."""
    try:
        body = await bench.follow_link(location)
    except StoreError as error:
        if not error.status:
            raise
        return no(Reason.REFUSED, said(error))
    if body is None:
        return unknown(Reason.NO_KEYS)
    if expected is not None and body != expected:
        return no(Reason.IGNORED)
    try:
        await bench.follow_link(location, age_s=AGE_S)
    except StoreError as error:
        if not error.status:
            raise
        return yes()
    return yes(Reason.NEVER_RUNS_OUT)


async def link_to_bucket(bench: Bench) -> Findings:
    found = await signed_link(bench, Location(bench.bucket, ""))
    return {Capability.PRESIGN: found}
