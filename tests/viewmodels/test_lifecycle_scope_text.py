"""Rules that a store might take for all objects are refused, in words that say why."""

from __future__ import annotations

from typing import Any

import pytest

from s4desk.core.domain.errors import ValidationError
from s4desk.viewmodels.lifecycle_problems import unclear_text
from s4desk.viewmodels.lifecycle_scope_text import lost_scope_text, refuse_scope

RULE = {"ID": "a", "Status": "Enabled", "Expiration": {"Days": 1}}
TAGS = [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": ""}]


@pytest.mark.parametrize(
    "scope",
    [
        {"Filter": {"And": {"Prefix": "a", "Tags": TAGS, "ObjectSizeLessThan": 9}}},
        {"Filter": {}},
        {"Prefix": ""},
    ],
)
def test_what_goes_out_as_it_is_written_is_sent(scope: dict[str, Any]) -> None:
    rule = RULE | scope
    refuse_scope([rule], [rule], [])


def test_numbers_may_be_written_as_text() -> None:
    one, two = ({"Filter": {"ObjectSizeLessThan": size}} for size in (9, "9"))
    assert lost_scope_text([RULE | one], [RULE | two]) == ""


@pytest.mark.parametrize("sent", [[RULE], []], ids=["its filter is lost", "all of it is"])
def test_what_is_lost_is_named(sent: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError, match="Rule “a”: S3 has no such Filter"):
        refuse_scope([RULE | {"Filter": "logs/"}], sent, [])


def test_what_a_store_has_so_is_not_unclear() -> None:
    assert unclear_text([RULE], [RULE]) == ""
    assert unclear_text([RULE]).startswith("Rule “a”: It does not say")
    assert unclear_text([RULE | {"Prefix": ""}]) == ""
