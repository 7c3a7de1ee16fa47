"""The same rules as a store's own replication says them, for it to do what a desktop should not.

"PutBucketReplication" in the S3 API reference, V2 of the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s4desk.core.domain.replication.rules import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.replication.rules import Filter, Rule


def native_value(rules: Sequence[Rule], role: str) -> dict[str, Any]:
    """The configuration, as the AWS CLI writes it; `role` is the ARN by which the store writes."""
    return {"Role": role, "Rules": [_rule(each) for each in rules]}


def unsaid(rule: Rule) -> list[str]:
    """The fields of a rule that a store's own replication cannot say: replicas keep their keys, and
    every version that is written goes along."""
    found = []
    if rule.destination.prefix:
        found.append("destination")
    if rule.versions is Kept.LATEST:
        found.append("versions")
    if rule.delete_markers and rule.filter.tags:
        found.append("delete_markers")
    return found


def _rule(rule: Rule) -> dict[str, Any]:
    destination: dict[str, Any] = {"Bucket": f"arn:aws:s3:::{rule.destination.bucket}"}
    if rule.storage_class:
        destination["StorageClass"] = rule.storage_class
    has_markers = rule.delete_markers and not rule.filter.tags
    return {
        "ID": rule.id,
        "Priority": rule.priority,
        "Status": "Enabled" if rule.is_enabled else "Disabled",
        "Filter": _filter(rule.filter),
        "DeleteMarkerReplication": {"Status": "Enabled" if has_markers else "Disabled"},
        "Destination": destination,
    }


def _filter(filter_: Filter) -> dict[str, Any]:
    tags = [{"Key": name, "Value": value} for name, value in filter_.tags]
    if not tags:
        return {"Prefix": filter_.prefix}
    if len(tags) == 1 and not filter_.prefix:
        return {"Tag": tags[0]}
    both: dict[str, Any] = {"Tags": tags}
    return {"And": ({"Prefix": filter_.prefix} if filter_.prefix else {}) | both}
