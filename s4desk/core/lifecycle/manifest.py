"""A plan handed over to S3 Batch Operations, where a machine is too small to carry it out.

A job there copies or tags what a manifest lists; none deletes. So transitions of current objects
are copies; everything else gets a tag, and a rule of the store's own does the rest with what has
it. Markers and uploads bear no tags: their lists are for whoever reads them. "Specifying a
manifest" and "Operations supported by S3 Batch Operations" in the S3 user guide.
"""

from __future__ import annotations

import hashlib
import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.domain.keys import encode_key
from s4desk.core.domain.lifecycle.candidates import NULL_VERSION, Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.parts import MAX_SINGLE_COPY
from s4desk.core.runtime.i18n import tr, tr_n

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from s4desk.core.lifecycle.findings import Finding
    from s4desk.core.lifecycle.plan import Plan

TAG: Final = "s4desk-lifecycle"
FORMAT: Final = "S3BatchOperations_CSV_20180820"
RULES: Final = "rules.json"
WIDTH: Final = 100
README: Final = "README.txt"
_LISTED: Final = frozenset({Action.REMOVE_DELETE_MARKER, Action.ABORT_UPLOAD})
_LARGE: Final = "large"
"""In the name of what no job copies: it is larger than one request may copy."""


@dataclass(frozen=True, slots=True)
class Group:
    """What one manifest lists. `storage_class` is that of a transition."""

    action: Action
    storage_class: str = ""
    is_large: bool = False

    @property
    def name(self) -> str:
        parts = [self.action.value, self.storage_class, _LARGE if self.is_large else ""]
        return "-".join(filter(None, parts))

    @property
    def has_job(self) -> bool:
        return self.action not in _LISTED and not self.is_large

    @property
    def tag(self) -> str:
        """The value of TAG by which a rule knows its objects; empty for what needs none."""
        if self.action in _LISTED or self.action is Action.TRANSITION:
            return ""
        return "-".join(filter(None, [self.action.value, self.storage_class]))


@dataclass(frozen=True, slots=True)
class Written:
    """A manifest that was written."""

    group: Group
    path: Path
    count: int
    size: int


def write(plan: Plan, folder: Path) -> Sequence[Written]:
    """Write manifests, jobs, rules and what to do with them into a new or empty folder. It blocks.

    Raises LocalFileError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileExistsError(17, tr("the folder is not empty"))
        groups = [_write_group(plan, folder, group, rows) for group, rows in _groups(plan).items()]
        rules = [_rule(each.group) for each in groups if each.group.tag]
        if rules:
            _write_json(folder / RULES, {"Rules": rules})
        (folder / README).write_text(_readme(plan, groups), "utf-8")
    except OSError as error:
        raise LocalFileError(folder, error) from error
    return groups


def _groups(plan: Plan) -> dict[Group, list[int]]:
    groups: dict[Group, list[int]] = {}
    for action in Action:
        for row in plan.rows(action):
            found = plan.findings[row]
            is_large = action is Action.TRANSITION and found.size > MAX_SINGLE_COPY
            group = Group(action, found.decision.step.storage_class, is_large)
            groups.setdefault(group, []).append(row)
    return groups


def _write_group(plan: Plan, folder: Path, group: Group, rows: Sequence[int]) -> Written:
    path = folder / f"{group.name}.csv"
    sum_, size = hashlib.md5(usedforsecurity=False), 0
    with path.open("wb") as file:
        for row in rows:
            found = plan.findings[row]
            line = _line(plan, found).encode("ascii")
            file.write(line)
            sum_.update(line)
            size += found.size
    if group.has_job:
        _write_json(folder / f"{group.name}.job.json", job(plan, group, sum_.hexdigest()))
    return Written(group, path, len(rows), size)


def _line(plan: Plan, found: Finding) -> str:
    """Keys are percent-encoded, so that nothing in them has to be quoted."""
    cells = [plan.bucket, encode_key(found.key)]
    if _has_versions(plan) or found.decision.action is Action.ABORT_UPLOAD:
        cells.append(encode_key(found.version or NULL_VERSION))
    return ",".join(cells) + "\n"


def _has_versions(plan: Plan) -> bool:
    return plan.versioning is not Versioning.OFF


def job(plan: Plan, group: Group, etag: str) -> dict[str, Any]:
    """What `aws s3control create-job --cli-input-json` takes; capitals are to be filled in.

    `etag` is that of the manifest, which S3 compares.
    """
    fields = ["Bucket", "Key", *(["VersionId"] if _has_versions(plan) else [])]
    return {
        "AccountId": "ACCOUNT",
        "ConfirmationRequired": True,
        "Operation": _operation(plan, group),
        "Report": {
            "Bucket": "arn:aws:s3:::REPORTS",
            "Format": "Report_CSV_20180820",
            "Enabled": True,
            "Prefix": f"s4desk/{plan.bucket}/{group.name}",
            "ReportScope": "AllTasks",
        },
        "ClientRequestToken": hashlib.sha256(
            f"{plan.bucket}/{group.name}/{etag}".encode()
        ).hexdigest()[:64],
        "Manifest": {
            "Spec": {"Format": FORMAT, "Fields": fields},
            "Location": {"ObjectArn": f"arn:aws:s3:::MANIFESTS/{group.name}.csv", "ETag": etag},
        },
        "Description": f"{group.name} of {plan.bucket}, planned {_moment(plan)}",
        "Priority": 10,
        "RoleArn": "arn:aws:iam::ACCOUNT:role/ROLE",
    }


def _operation(plan: Plan, group: Group) -> dict[str, Any]:
    if group.action is Action.TRANSITION:
        return {
            "S3PutObjectCopy": {
                "TargetResource": f"arn:aws:s3:::{plan.bucket}",
                "StorageClass": group.storage_class,
                "MetadataDirective": "COPY",
                "UnModifiedSinceConstraint": _moment(plan),
            }
        }
    return {"S3PutObjectTagging": {"TagSet": [{"Key": TAG, "Value": group.tag}]}}


def _rule(group: Group) -> dict[str, Any]:
    """What the store does to what bears the tag, at once: it was old enough when it was tagged."""
    rule: dict[str, Any] = {
        "ID": f"{TAG}-{group.tag}",
        "Status": "Enabled",
        "Filter": {"Tag": {"Key": TAG, "Value": group.tag}},
    }
    match group.action:
        case Action.EXPIRE:
            rule["Expiration"] = {"Days": 1}
        case Action.EXPIRE_NONCURRENT:
            rule["NoncurrentVersionExpiration"] = {"NoncurrentDays": 1}
        case Action.TRANSITION_NONCURRENT:
            transition = {"NoncurrentDays": 1, "StorageClass": group.storage_class}
            rule["NoncurrentVersionTransitions"] = [transition]
    return rule


def _moment(plan: Plan) -> str:
    return plan.made.isoformat(timespec="seconds")


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", "utf-8")


# What to do with it


def _readme(plan: Plan, groups: Sequence[Written]) -> str:
    head = tr("Lifecycle of the bucket {bucket}, as it was planned at {moment}.").format(
        bucket=plan.bucket, moment=_moment(plan)
    )
    wrapped = [
        "\n".join(textwrap.fill(line, WIDTH) for line in section.splitlines())
        for section in (head, *_sections(groups))
    ]
    return "\n\n".join(wrapped) + "\n"


def _sections(groups: Sequence[Written]) -> Iterator[str]:
    yield "\n".join(
        tr_n(
            "{file}: {count} object, {size} bytes",
            "{file}: {count} objects, {size} bytes",
            each.count,
        ).format(file=each.path.name, count=each.count, size=each.size)
        for each in groups
    )
    if any(each.group.has_job for each in groups):
        yield tr(
            "1. Upload each manifest (.csv) that has a job beside it.\n"
            "2. Fill in what is in capitals in its job (.job.json): ACCOUNT, MANIFESTS, REPORTS,"
            " ROLE.\n"
            "3. aws s3control create-job --cli-input-json file://NAME.job.json\n"
            "The job waits until it is confirmed. S3 refuses it when the manifest is another one"
            " by then."
        )
    if any(each.group.tag for each in groups):
        yield tr(
            "S3 Batch Operations deletes nothing. The jobs that are no copies give each object the"
            " tag {tag}, in the place of ALL tags it has; then add the rules in {rules} to those of"
            " the bucket, and the store deletes or moves what bears the tag within a day or two."
            " Take the rules away when that is done."
        ).format(tag=TAG, rules=RULES)
        yield tr(
            "In a bucket without versions a job tags what is at a key when it comes by, also what"
            " was written since this plan was made."
        )
    if any(each.group.action is Action.TRANSITION for each in groups):
        yield tr(
            "A copy is a new object: its age begins anew. In a bucket with versions the one before"
            " it stays as a noncurrent version. What was written since the plan is not copied."
        )
    if any(each.group.is_large for each in groups):
        yield tr("What is larger than 5 GiB no job copies: those manifests have none.")
    if any(each.group.action in _LISTED for each in groups):
        yield tr(
            "Delete markers and unfinished uploads bear no tags and no job touches them: their"
            " lists are to be read. Save rules with ExpiredObjectDeleteMarker or"
            " AbortIncompleteMultipartUpload to the store instead."
        )
