"""Rules of ours as the store's own replication would say them."""

from __future__ import annotations

import json
from dataclasses import replace

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.rules import Destination, Filter, Kept, Rule
from s4desk.viewmodels.native_replication import NativeRules

HOME, ALIAS, AWAY = (ConnectionId(each) for each in ("home", "alias", "away"))
STORES = {HOME: "one", ALIAS: "one", AWAY: "two"}
PLAIN = Rule("r", Destination(ALIAS, "copies"), versions=Kept.ALL)


def native(*rules: Rule) -> NativeRules:
    return NativeRules(rules, HOME, STORES.__getitem__)


def test_what_the_store_does_alike_needs_no_remark():
    assert native(PLAIN).remarks == []


def test_what_the_store_cannot_is_said_of_each_rule():
    elsewhere = replace(PLAIN, id="e", destination=Destination(AWAY, "copies"))
    tagged = Filter("", (("keep", "yes"),))
    odd = replace(
        PLAIN,
        id="o",
        destination=Destination(HOME, "copies", "put/"),
        versions=Kept.LATEST,
        filter=tagged,
        delete_markers=True,
    )
    assert native(elsewhere, odd).remarks == [
        "“e” leads to another store, to which this one may not replicate.",
        "“o”: the store puts no “put/” before keys.",
        "“o”: the store replicates every version that is written.",
        "“o”: where tags are asked for, the store replicates no delete markers.",
    ]


def test_the_role_is_in_what_the_store_takes():
    rules = native(PLAIN)
    rules.role.edit("role", " arn:aws:iam::1:role/r ")
    value = json.loads(rules.json)
    assert value["Role"] == "arn:aws:iam::1:role/r"
    assert value["Rules"][0]["Destination"] == {"Bucket": "arn:aws:s3:::copies"}
