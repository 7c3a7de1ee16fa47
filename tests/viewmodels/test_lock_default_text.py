"""What is said of a bucket's default retention."""

from __future__ import annotations

from typing import Any

import pytest

from s4desk.core.domain.errors import ValidationError
from s4desk.viewmodels.lock_default_text import compliance_text, refuse_far


def default(mode: str, **period: Any) -> dict[str, Any]:
    kept = {"Mode": mode, **period}
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": kept}}


@pytest.mark.parametrize(
    ("period", "said"),
    [({"Days": 25_551}, "25550 days"), ({"Years": 71}, "70 years"), ({"Years": 100_000}, "70")],
)
def test_what_not_every_store_counts_is_refused(period, said):
    for mode in ("GOVERNANCE", "COMPLIANCE"):
        with pytest.raises(ValidationError, match=said):
            refuse_far({}, default(mode, **period))


@pytest.mark.parametrize("period", [{"Days": 25_550}, {"Years": 70}, {"Days": "soon"}, {}])
def test_other_defaults_are_left_to_the_store(period):
    refuse_far({}, default("COMPLIANCE", **period))
    refuse_far({}, {})


def test_what_is_there_already_may_stay():
    far = default("COMPLIANCE", Years=100)
    refuse_far(far, far)
    assert compliance_text(far, far) == ""


def test_only_a_new_default_in_compliance_mode_is_for_ever():
    two = default("COMPLIANCE", Days=2)
    assert "for 2 days, not even" in compliance_text({}, two)
    assert "for 1 year, not" in compliance_text(two, default("COMPLIANCE", Years=1))
    for before, after in (({}, default("GOVERNANCE", Days=2)), (two, {}), ({}, {})):
        assert compliance_text(before, after) == ""
