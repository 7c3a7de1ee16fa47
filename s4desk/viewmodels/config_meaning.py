"""What a configuration of a bucket means, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_access_meaning import (
    acl_meaning,
    cors_meaning,
    ownership_meaning,
    public_access_meaning,
    website_meaning,
)
from s4desk.viewmodels.config_paths import found_at, text_at
from s4desk.viewmodels.config_policy_meaning import policy_meaning
from s4desk.viewmodels.config_report_meaning import (
    id_meaning,
    inventory_meaning,
    logging_meaning,
    notification_meaning,
    tiering_meaning,
)
from s4desk.viewmodels.config_rule_meaning import lifecycle_meaning, replication_meaning

Value = Mapping[str, Any]
_K = ConfigKind


def meaning(kind: ConfigKind, value: Value | None) -> list[str]:
    """Sentences; always at least one."""
    sentences = _meanings()[kind](value) if value else []
    return sentences or [_unset()[kind]]


def _meanings() -> Mapping[ConfigKind, Callable[[Value], list[str]]]:
    return {
        _K.VERSIONING: _versioning,
        _K.OBJECT_LOCK: _object_lock,
        _K.ENCRYPTION: _encryption,
        _K.LIFECYCLE: lifecycle_meaning,
        _K.REPLICATION: replication_meaning,
        _K.POLICY: policy_meaning,
        _K.PUBLIC_ACCESS_BLOCK: public_access_meaning,
        _K.OWNERSHIP: ownership_meaning,
        _K.ACL: acl_meaning,
        _K.CORS: cors_meaning,
        _K.TAGGING: _tagging,
        _K.WEBSITE: website_meaning,
        _K.LOGGING: logging_meaning,
        _K.NOTIFICATION: notification_meaning,
        _K.REQUEST_PAYMENT: _request_payment,
        _K.ACCELERATE: _accelerate,
        _K.INTELLIGENT_TIERING: tiering_meaning,
        _K.INVENTORY: inventory_meaning,
        _K.ANALYTICS: id_meaning,
        _K.METRICS: id_meaning,
    }


def _unset() -> Mapping[ConfigKind, str]:
    return {
        _K.VERSIONING: tr("What is replaced or deleted is gone: no versions are kept."),
        _K.OBJECT_LOCK: tr("Object Lock is not enabled: nothing in this bucket can be locked."),
        _K.ENCRYPTION: tr("The store encrypts as it does by itself; nothing is said here."),
        _K.LIFECYCLE: tr("Nothing is deleted or moved by itself."),
        _K.REPLICATION: tr("Nothing is copied to another bucket by itself."),
        _K.POLICY: tr("No policy: only the owner's account gets in, and whom grants name."),
        _K.PUBLIC_ACCESS_BLOCK: tr("Nothing is blocked: policies and grants may be public."),
        _K.OWNERSHIP: tr("Nothing is said: the store's own rule holds."),
        _K.ACL: tr("Nobody is granted anything here; the owner gets in all the same."),
        _K.CORS: tr("No web page of another host may reach the bucket from a browser."),
        _K.TAGGING: tr("The bucket has no tags."),
        _K.WEBSITE: tr("The bucket is not served as a website."),
        _K.LOGGING: tr("Requests are not written down."),
        _K.NOTIFICATION: tr("Nobody is told of what happens in the bucket."),
        _K.REQUEST_PAYMENT: tr("The bucket's owner pays for requests and downloads."),
        _K.ACCELERATE: tr("The bucket is not reached by the nearest edge."),
        _K.INTELLIGENT_TIERING: tr("Nothing goes into archives by itself."),
        _K.INVENTORY: tr("No list of objects is written."),
        _K.ANALYTICS: tr("Nothing is watched."),
        _K.METRICS: tr("No requests are counted."),
    }


def _versioning(value: Value) -> list[str]:
    status = value.get("Status")
    if status == "Enabled":
        found = [tr("What is replaced or deleted is kept as a version, and can be brought back.")]
    elif status == "Suspended":
        found = [tr("New objects replace what was written last; the versions that are there stay.")]
    else:
        return []
    if value.get("MFADelete") == "Enabled":
        found.append(tr("Deleting a version for good needs a one-time code."))
    return found


def _object_lock(value: Value) -> list[str]:
    always = tr("Object Lock stays enabled for ever: this bucket can never be without it again.")
    default = found_at(value, ["Rule", "DefaultRetention"])
    if not default and value.get("ObjectLockEnabled") != "Enabled":
        return []
    if not default:
        return [tr("New objects are not locked, unless their upload says so."), always]
    if default.get("Years"):
        period = tr("{count} years").format(count=default["Years"])
    else:
        period = tr("{count} days").format(count=default.get("Days", 0))
    sentence = {
        "COMPLIANCE": tr(
            "New objects can neither be deleted nor replaced for {period}, by nobody at all: not"
            " even by the owner of the account."
        ),
        "GOVERNANCE": tr(
            "New objects can neither be deleted nor replaced for {period}, but by those who may go"
            " past such a lock."
        ),
    }.get(str(default.get("Mode")))
    return [sentence.format(period=period), always] if sentence else [always]


def _encryption(value: Value) -> list[str]:
    default = found_at(value, ["Rules", 0, "ApplyServerSideEncryptionByDefault"])
    if not default:
        return []
    key = default.get("KMSMasterKeyID")
    match default.get("SSEAlgorithm"):
        case "AES256":
            return [tr("New objects are encrypted with keys that the store keeps itself.")]
        case "aws:kms" | "aws:kms:dsse":
            if key:
                return [tr("New objects are encrypted with the key {key}.").format(key=key)]
            return [tr("New objects are encrypted with the store's own key of the key service.")]
    return [tr("New objects are encrypted by {name}.").format(name=default.get("SSEAlgorithm"))]


def _tagging(value: Value) -> list[str]:
    tags = [f"{tag.get('Key', '')} = {tag.get('Value', '')}" for tag in value.get("TagSet", ())]
    return [tr("The bucket says of itself: {tags}.").format(tags=", ".join(tags))] if tags else []


def _request_payment(value: Value) -> list[str]:
    if text_at(value, ["Payer"]) == "Requester":
        return [tr("Whoever asks pays for it, and has to say so with each request.")]
    return []


def _accelerate(value: Value) -> list[str]:
    if text_at(value, ["Status"]) == "Enabled":
        return [tr("The bucket is also reached by the nearest edge, for a price of its own.")]
    return []
