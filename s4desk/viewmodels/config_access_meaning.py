"""What the configurations mean that let somebody in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_grant_table import GrantTable
from s4desk.viewmodels.config_paths import text_at

Value = Mapping[str, Any]


def public_access_meaning(value: Value) -> list[str]:
    sentences = {
        "BlockPublicAcls": tr("New grants to everybody are refused."),
        "IgnorePublicAcls": tr("Grants to everybody that are there count for nothing."),
        "BlockPublicPolicy": tr("A new policy that lets everybody in is refused."),
        "RestrictPublicBuckets": tr("A public policy lets only this account in."),
    }
    found = [sentence for name, sentence in sentences.items() if value.get(name) is True]
    if len(found) == len(sentences):
        return [tr("Nobody gets in without being named: public policies and grants are of no use.")]
    return found


def ownership_meaning(value: Value) -> list[str]:
    sentence = {
        "BucketOwnerEnforced": tr(
            "Everything in the bucket is its owner's, and grants count for nothing."
        ),
        "BucketOwnerPreferred": tr(
            "What others write is the bucket owner's if they grant it everything, else theirs."
        ),
        "ObjectWriter": tr("What others write is theirs, and they say who may read it."),
    }.get(text_at(value, ["Rules", 0, "ObjectOwnership"]))
    return [sentence] if sentence else []


def acl_meaning(value: Value) -> list[str]:
    table = GrantTable(value)
    return [
        tr("{who}: {what}.").format(who=table.shown(at, 1), what=table.shown(at, 2))
        for at in range(len(table.rows))
    ]


def cors_meaning(value: Value) -> list[str]:
    return [_cors(rule) for rule in value.get("CORSRules", ())]


def _cors(rule: Value) -> str:
    origins = [str(each) for each in rule.get("AllowedOrigins", ())]
    methods = ", ".join(map(str, rule.get("AllowedMethods", ())))
    if "*" in origins:
        return tr("Pages of every host may ask for {methods}.").format(methods=methods)
    return tr("Pages of {origins} may ask for {methods}.").format(
        origins=", ".join(origins), methods=methods
    )


def website_meaning(value: Value) -> list[str]:
    if host := text_at(value, ["RedirectAllRequestsTo", "HostName"]):
        return [tr("Whoever opens the website is led to {host}.").format(host=host)]
    found = []
    if suffix := text_at(value, ["IndexDocument", "Suffix"]):
        found.append(
            tr(
                "Objects are served as web pages to whom a policy or a grant lets in; “{page}”"
                " stands for each folder."
            ).format(page=suffix)
        )
    if key := text_at(value, ["ErrorDocument", "Key"]):
        found.append(tr("Where there is nothing, “{page}” is shown.").format(page=key))
    if rules := value.get("RoutingRules"):
        found.append(
            tr("Rules that lead some requests elsewhere: {count}.").format(count=len(rules))
        )
    return found
