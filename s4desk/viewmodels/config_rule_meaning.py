"""What the rules of a lifecycle, and those of a replication, mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.lifecycle_summary import named_summary, rules_in
from s4desk.viewmodels.quantities import size_words

Value = Mapping[str, Any]


def lifecycle_meaning(value: Value) -> list[str]:
    """Rule by rule, what happens to what."""
    return [named_summary(rule, at) for at, rule in enumerate(rules_in(value))]


def replication_meaning(value: Value) -> list[str]:
    return [_rule(rule, _replication_deeds(rule)) for rule in value.get("Rules", ())]


def _rule(rule: Value, deeds: list[str]) -> str:
    name = rule.get("ID") or tr("without a name")
    sentence = (
        tr("Rule “{name}”, {scope}: {deeds}.")
        if rule.get("Status") == "Enabled"
        else tr("Rule “{name}” is off. When on, {scope}: {deeds}.")
    )
    return sentence.format(
        name=name, scope=scope_text(rule), deeds="; ".join(deeds) or tr("nothing is done")
    )


def scope_text(rule: Value) -> str:
    """Which objects a rule is about."""
    filters = {"Prefix": rule.get("Prefix", ""), **rule.get("Filter", {})}
    filters |= filters.pop("And", {})
    tags = [*filters.get("Tags", ()), *([filters["Tag"]] if "Tag" in filters else [])]
    parts = []
    if filters.get("Prefix"):
        parts.append(tr("keys that begin with “{prefix}”").format(prefix=filters["Prefix"]))
    for tag in tags:
        text = f"{tag.get('Key', '')}={tag.get('Value', '')}"
        parts.append(tr("the tag {tag}").format(tag=text))
    if "ObjectSizeGreaterThan" in filters:
        size = size_words(filters["ObjectSizeGreaterThan"])
        parts.append(tr("larger than {size}").format(size=size))
    if "ObjectSizeLessThan" in filters:
        size = size_words(filters["ObjectSizeLessThan"])
        parts.append(tr("smaller than {size}").format(size=size))
    return ", ".join(parts) or tr("all objects")


def _replication_deeds(rule: Value) -> list[str]:
    target = rule.get("Destination", {})
    bucket = str(target.get("Bucket", "?")).rpartition(":::")[2]
    deeds = [tr("copied to the bucket “{bucket}”").format(bucket=bucket)]
    if target.get("StorageClass"):
        deeds.append(tr("as {storage_class}").format(storage_class=target["StorageClass"]))
    if target.get("Account"):
        deeds.append(tr("at the account {account}").format(account=target["Account"]))
    is_marked = rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled"
    deeds.append(tr("delete markers too") if is_marked else tr("deletions are not copied"))
    if rule.get("ExistingObjectReplication", {}).get("Status") == "Enabled":
        deeds.append(tr("also what was there before"))
    return deeds
