"""What a bucket policy means, one sentence per statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_policy import EVERYBODY, Policy, as_list, statements

MOST = 6
"""So many of a kind are named, the others counted."""


def policy_meaning(policy: Policy | None) -> list[str]:
    """Statement by statement; nothing for a policy without one."""
    return [_sentence(each) for each in statements(policy) if isinstance(each, Mapping)]


def _sentence(statement: Mapping[str, Any]) -> str:
    is_allowed = statement.get("Effect") == "Allow"
    conditions = _conditions(statement.get("Condition"))
    parts = {"who": _who(statement), "what": _what(statement), "where": _where(statement)}
    if not conditions:
        sentence = (
            tr("Allowed to {who}: {what}, {where}.")
            if is_allowed
            else tr("Refused to {who}: {what}, {where}.")
        )
        return sentence.format(**parts)
    sentence = (
        tr("Allowed to {who}: {what}, {where}; only if {conditions}.")
        if is_allowed
        else tr("Refused to {who}: {what}, {where}; if {conditions}.")
    )
    return sentence.format(**parts, conditions=tr(" and ").join(conditions))


def _who(statement: Mapping[str, Any]) -> str:
    if "NotPrincipal" in statement:
        return tr("everybody except {names}").format(names=_names(statement["NotPrincipal"]))
    return _names(statement.get("Principal"))


def _names(principal: Any) -> str:
    if principal is None:
        return tr("nobody")
    named = principal.values() if isinstance(principal, Mapping) else [principal]
    found = [str(each) for values in named for each in as_list(values)]
    if EVERYBODY in found:
        return tr("everybody, also without a key")
    return _some(found)


def _what(statement: Mapping[str, Any]) -> str:
    if "NotAction" in statement:
        actions = _some(_deeds(as_list(statement["NotAction"])))
        return tr("everything but {actions}").format(actions=actions)
    return _some(_deeds(as_list(statement.get("Action"))))


def _deeds(actions: list[Any]) -> list[str]:
    words = {
        "*": tr("everything"),
        "s3:*": tr("everything"),
        "s3:getobject": tr("read objects"),
        "s3:get*": tr("read everything"),
        "s3:getobjectversion": tr("read old versions"),
        "s3:putobject": tr("write objects"),
        "s3:deleteobject": tr("delete objects"),
        "s3:deleteobjectversion": tr("delete old versions"),
        "s3:listbucket": tr("list objects"),
        "s3:listbucketversions": tr("list versions"),
        "s3:getbucketlocation": tr("ask where the bucket is"),
        "s3:putobjectacl": tr("change who may use an object"),
        "s3:bypassgovernanceretention": tr("go past a lock in governance mode"),
    }
    return [words.get(str(action).lower(), str(action)) for action in actions]


def _where(statement: Mapping[str, Any]) -> str:
    if "NotResource" in statement:
        places = _some(_places(as_list(statement["NotResource"])))
        return tr("everywhere but {places}").format(places=places)
    return _some(_places(as_list(statement.get("Resource"))))


def _places(resources: list[Any]) -> list[str]:
    keys = [str(each).rpartition(":::")[2].partition("/") for each in resources]
    if any(key == "*" for _, _, key in keys):
        return [tr("in the whole bucket")]
    return [_place(key) for _, _, key in keys]


def _place(key: str) -> str:
    if not key:
        return tr("the bucket itself")
    if key.endswith("*") and not set(key[:-1]) & {"*", "?"}:
        return tr("in “{prefix}”").format(prefix=key[:-1])
    return tr("keys like “{pattern}”").format(pattern=key)


def _conditions(condition: Any) -> list[str]:
    if not isinstance(condition, Mapping):
        return []
    return [
        _condition(str(operator), str(key), as_list(values))
        for operator, keys in condition.items()
        if isinstance(keys, Mapping)
        for key, values in keys.items()
    ]


def _condition(operator: str, key: str, values: list[Any]) -> str:
    texts = _some([str(each) for each in values])
    known = (operator.lower(), key.lower())
    if known == ("bool", "aws:securetransport"):
        is_plain = texts.lower() == "false"
        return tr("it is sent without encryption") if is_plain else tr("it is sent encrypted")
    sentences = {
        ("ipaddress", "aws:sourceip"): tr("it comes from {values}"),
        ("notipaddress", "aws:sourceip"): tr("it does not come from {values}"),
        ("stringlike", "aws:referer"): tr("a page at {values} leads there"),
        ("stringequals", "aws:principalorgid"): tr("it comes from the organization {values}"),
        ("stringlike", "s3:prefix"): tr("what is listed begins like {values}"),
        ("stringequals", "s3:prefix"): tr("what is listed begins with {values}"),
    }
    if known in sentences:
        return sentences[known].format(values=texts)
    return f"{operator} {key} = {texts}"


def _some(names: list[str]) -> str:
    """The names in one text, each once; not all of very many."""
    once = list(dict.fromkeys(names))
    if not once:
        return tr("nothing")
    more = len(once) - MOST
    if more <= 0:
        return ", ".join(once)
    return tr("{names} and {count} more").format(names=", ".join(once[:MOST]), count=more)
