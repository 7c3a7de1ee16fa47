"""What a report leaves open is said in whole sentences."""

from __future__ import annotations

import pytest

from s4desk.core.domain.lifecycle.rules import Rule
from s4desk.core.lifecycle.concerns import Concern, Doubt
from s4desk.core.lifecycle.inventory_view import Unknown
from s4desk.viewmodels.lifecycle_inventory_text import report_concern_text

RULES = [Rule("a\nb"), Rule()]


@pytest.mark.parametrize("unknown", Unknown)
def test_each_lack_has_a_sentence_of_its_own(unknown: Unknown) -> None:
    texts = {
        each: report_concern_text(Concern(Doubt.REPORT_LACKS, names=(each,)), RULES)
        for each in Unknown
    }
    assert texts[unknown].endswith(".")
    assert list(texts.values()).count(texts[unknown]) == 1


def test_a_rule_that_is_left_out_is_named() -> None:
    concern = Concern(Doubt.UNTOLD_RULE, rule=1, names=("Tags", "Size"))
    assert report_concern_text(concern, RULES).startswith(
        "Rule “#2” is left out: without the column Tags, Size"
    )


def test_other_concerns_are_those_of_a_listing() -> None:
    concern = Concern(Doubt.UNKNOWN_RULE, rule=0, names=("Moon",))
    assert "Moon" in report_concern_text(concern, RULES)
