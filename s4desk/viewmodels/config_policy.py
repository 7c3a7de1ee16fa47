"""Bucket policies: templates to begin with, and what stores refuse or ignore in one."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr

Policy = Mapping[str, Any]
Statement = dict[str, Any]

VERSION: Final = "2012-10-17"
EXAMPLE_RANGE: Final = "192.0.2.0/24"
"""A range that is nobody's (RFC 5737), to be written over."""
EVERYBODY: Final = "*"


@dataclass(frozen=True, slots=True)
class Template:
    """A statement that is often wanted. `asks` says that it needs a range of addresses."""

    name: str
    title: str
    tip: str
    make: Callable[[str, str], Statement]
    asks_range: bool = False


def templates() -> Sequence[Template]:
    return (
        Template(
            "public-read",
            tr("Read-Only &Public"),
            tr("Everybody may download every object, without a key"),
            _public_read,
        ),
        Template(
            "only-tls",
            tr("&Refuse Without Encryption"),
            tr("Refuse every request that does not come over TLS"),
            _only_tls,
        ),
        Template(
            "one-range",
            tr("Only From One &Network…"),
            tr("Refuse every request that does not come from one range of addresses"),
            _one_range,
            asks_range=True,
        ),
    )


def with_template(
    policy: Policy | None, template: Template, bucket: str, addresses: str = EXAMPLE_RANGE
) -> dict[str, Any]:
    """The policy with the statement of a template at its end, or in the place of the one of that
    name; everything else as it was."""
    added = template.make(bucket, addresses)
    kept = [each for each in statements(policy) if _sid(each) != added["Sid"]]
    return {"Version": VERSION, **(policy or {}), "Statement": [*kept, added]}


def statements(policy: Policy | None) -> list[Any]:
    """One statement may stand without a list ("IAM JSON policy elements: Statement")."""
    found = (policy or {}).get("Statement", [])
    return list(found) if isinstance(found, list | tuple) else [found]


def parse_range(text: str) -> str:
    """A range of addresses, or one address. Raises ValidationError."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise ValidationError(tr("A range looks like 192.0.2.0/24 or 2001:db8::/32.")) from None


def remarks(policy: Policy, bucket: str) -> list[str]:
    """What is probably not meant so, statement by statement; the store has the last word."""
    if not statements(policy):
        return [tr("There is no “Statement”: this policy says nothing.")]
    found = []
    if policy.get("Version") != VERSION:
        found.append(
            tr("“Version” is not {version}: stores may read it otherwise.").format(version=VERSION)
        )
    for number, statement in enumerate(statements(policy), 1):
        found += [
            tr("Statement {number}: {remark}").format(number=number, remark=remark)
            for remark in _remarks_on(statement, bucket)
        ]
    return found


def as_list(value: Any) -> list[Any]:
    """A single value stands for a list of one everywhere in a policy."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _remarks_on(statement: Any, bucket: str) -> list[str]:
    if not isinstance(statement, Mapping):
        return [tr("an object in braces belongs here.")]
    found = []
    if statement.get("Effect") not in ("Allow", "Deny"):
        found.append(tr("“Effect” is neither “Allow” nor “Deny”."))
    for name in ("Principal", "Action", "Resource"):
        if name not in statement and f"Not{name}" not in statement:
            found.append(tr("“{name}” is missing.").format(name=name))
    resources = [str(each) for each in as_list(statement.get("Resource"))]
    if any(not _is_in(each, bucket) for each in resources):
        found.append(tr("a resource is not in this bucket."))
    return found


def _is_in(resource: str, bucket: str) -> bool:
    name = resource.rpartition(":::")[2].partition("/")[0]
    return name == bucket or "*" in name or "?" in name


def _sid(statement: Any) -> Any:
    return statement.get("Sid") if isinstance(statement, Mapping) else None


def _whole(bucket: str) -> list[str]:
    return [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


def _public_read(bucket: str, _addresses: str) -> Statement:
    return {
        "Sid": "PublicRead",
        "Effect": "Allow",
        "Principal": EVERYBODY,
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def _only_tls(bucket: str, _addresses: str) -> Statement:
    return {
        "Sid": "OnlyEncrypted",
        "Effect": "Deny",
        "Principal": EVERYBODY,
        "Action": "s3:*",
        "Resource": _whole(bucket),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _one_range(bucket: str, addresses: str) -> Statement:
    return {
        "Sid": "OneNetwork",
        "Effect": "Deny",
        "Principal": EVERYBODY,
        "Action": "s3:*",
        "Resource": _whole(bucket),
        "Condition": {"NotIpAddress": {"aws:SourceIp": addresses}},
    }
