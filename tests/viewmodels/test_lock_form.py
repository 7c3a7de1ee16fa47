"""The forms of locks refuse what a store would refuse, and say why."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, RetentionRefusedError
from s4desk.core.domain.identity import Location, VersionId
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState, RetentionRefusal
from s4desk.core.transfer.locking import LockOutcome
from s4desk.viewmodels.forms import TICKED
from s4desk.viewmodels.lock_default_form import LockDefaultForm
from s4desk.viewmodels.lock_form import LockForm
from s4desk.viewmodels.lock_report import counts_text, outcome_rows, report, whole_report

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GOVERNED = LockState(LockMode.GOVERNANCE, NOW + 10 * DAY)
COMPLIANT = LockState(LockMode.COMPLIANCE, NOW + 10 * DAY)


def form(before=None, **texts: str) -> LockForm:
    made = LockForm(before, now=lambda: NOW)
    for name, text in texts.items():
        made.edit(name, text)
    return made


def test_nothing_chosen_is_nothing_to_do():
    assert "Choose" in form(NO_LOCK).errors["retention"]
    assert form(NO_LOCK, hold="on").result().legal_hold is True
    assert form(NO_LOCK, hold="on").result().retention is None


def test_a_span_counts_from_now_and_the_past_is_refused():
    assert form(NO_LOCK, retention="GOVERNANCE", until="30d").result().retention == LockState(
        LockMode.GOVERNANCE, NOW + 30 * DAY
    )
    assert "past" in form(NO_LOCK, retention="GOVERNANCE", until="2020-01-01").errors["until"]
    assert "until when" in form(NO_LOCK, retention="GOVERNANCE").errors["until"]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"retention": "COMPLIANCE", "until": "5d"}, "nobody can shorten"),
        ({"retention": "GOVERNANCE", "until": "20d"}, "cannot be changed to GOVERNANCE"),
        ({"retention": "none"}, "nobody can shorten"),
    ],
)
def test_compliance_is_not_shortened_lowered_or_taken_away(texts, words):
    made = form(COMPLIANT, agreed=TICKED, **texts)
    assert words in " ".join(made.errors.values())
    assert not made.is_shown("bypass")
    assert form(COMPLIANT, agreed=TICKED, retention="COMPLIANCE", until="20d").errors == {}


def test_governance_is_shortened_only_by_who_bypasses_it():
    texts = {"retention": "GOVERNANCE", "until": "5d"}
    made = form(GOVERNED, **texts)
    assert "s3:BypassGovernanceRetention" in made.errors["until"]
    assert made.is_shown("bypass")
    assert "s3:BypassGovernanceRetention" in made.fields["bypass"].hint
    made.tick_bypass()
    assert made.errors == {}
    assert made.result().bypass
    assert not form(GOVERNED, retention="GOVERNANCE", until="20d").result().bypass


def test_compliance_takes_a_tick():
    made = form(NO_LOCK, retention="COMPLIANCE", until="5d")
    assert made.errors == {"agreed": "Tick this to go on."}
    made.edit("agreed", TICKED)
    assert made.errors == {}


def test_of_many_each_is_looked_at_when_it_is_its_turn():
    assert form(None, retention="none").errors == {}
    assert form(None, retention="none").is_shown("bypass")
    made = LockForm(asks_versions=True, now=lambda: NOW)
    assert made.is_shown("versions")
    assert not made.with_versions
    made.edit("versions", TICKED)
    assert made.with_versions


PLACE = Location("b", "=key")
OUTCOMES = [
    LockOutcome(PLACE, None, NO_LOCK, GOVERNED),
    LockOutcome(Location("b", "same"), None, GOVERNED, GOVERNED),
    LockOutcome(
        Location("b", "kept"),
        VersionId("v"),
        error=RetentionRefusedError(RetentionRefusal.SHORTER, COMPLIANT, Location("b", "kept")),
    ),
    LockOutcome(Location("b", "no"), None, error=PermissionDeniedError("no", status=403)),
]


def test_a_report_begins_with_what_cannot_be_done():
    rows = outcome_rows(OUTCOMES, is_dry=True)
    assert [row[0] for row in rows] == ["kept", "no", "=key", "same"]
    assert rows[0][2].startswith("COMPLIANCE until")
    assert "nobody can shorten" in rows[0][3]
    assert rows[1][2] == ""
    assert rows[2][3].startswith("would become: GOVERNANCE until")
    assert rows[3][3] == "stays as it is"
    assert outcome_rows(OUTCOMES[:1], is_dry=False)[0][3].startswith("now: GOVERNANCE")
    expected = "1 lock would change, 1 is so already, 2 would be refused."
    assert counts_text(OUTCOMES, is_dry=True) == expected
    assert counts_text(OUTCOMES[:1], is_dry=False) == "1 lock changed."


def test_a_report_is_a_table_for_other_programs():
    lines = report(OUTCOMES).decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("bucket,key,version,outcome,mode_before")
    assert lines[1].startswith("b,'=key,,changed,,,,GOVERNANCE,2026-12-01T12:00:00+00:00,")
    assert lines[3].startswith("b,kept,v,failed,COMPLIANCE,2026-12-01T12:00:00+00:00,,COMPLIANCE,")


def default(value=None, *, is_versioned=True, **texts: str) -> LockDefaultForm:
    made = LockDefaultForm(value or {}, is_versioned=is_versioned)
    for name, text in texts.items():
        made.edit(name, text)
    return made


ENABLED = {"ObjectLockEnabled": "Enabled"}


def test_a_default_keeps_what_it_does_not_know():
    value = ENABLED | {
        "New": "x",
        "Rule": {"Other": 1, "DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3, "Odd": "y"}},
    }
    made = default(value, unit="Years", period="2")
    assert made.result() == ENABLED | {
        "New": "x",
        "Rule": {"Other": 1, "DefaultRetention": {"Mode": "GOVERNANCE", "Years": 2, "Odd": "y"}},
    }
    assert default(value, mode="").result() == ENABLED | {"New": "x", "Rule": {"Other": 1}}
    assert value["Rule"]["DefaultRetention"]["Days"] == 3  # type: ignore[index]


@pytest.mark.parametrize(
    ("unit", "period", "is_fine"),
    [
        ("Days", "25550", True),
        ("Days", "25551", False),
        ("Years", "70", True),
        ("Years", "71", False),
        ("Days", "0", False),
        ("Days", "", False),
        ("Days", "1.5", False),
    ],
)
def test_a_period_is_what_s3_takes(unit, period, is_fine):
    made = default(ENABLED, mode="GOVERNANCE", unit=unit, period=period)
    assert ("period" not in made.errors) is is_fine


def test_enabling_takes_a_tick_and_versions():
    made = default()
    assert made.errors == {"enable": "Tick this to go on."}
    assert not made.is_shown("mode")
    made.edit("enable", TICKED)
    assert made.errors == {}
    assert made.result() == ENABLED
    assert "versioning" in default(is_versioned=False).fields["enable"].obstacle
    assert not default(ENABLED).is_shown("enable")


def test_a_default_of_compliance_takes_a_tick():
    made = default(ENABLED, mode="COMPLIANCE", period="1")
    assert made.errors == {"agreed": "Tick this to go on."}


def test_what_was_not_reached_before_a_stop_says_so():
    """It has no lock, and is not called locked already."""
    expected = [
        LockOutcome(Location("b", name), None, after=GOVERNED) for name in ("set", "never")
    ] + [LockOutcome(Location("b", "same"), None, GOVERNED, GOVERNED)]
    whole = whole_report(expected, expected[:1])
    assert counts_text(whole, is_dry=False) == (
        "Stopped. 1 lock changed, 1 is so already, 1 was not reached."
    )
    rows = {row[0]: row[3] for row in outcome_rows(whole, is_dry=False)}
    assert rows["never"] == "not reached before it was stopped: as it was"
    lines = list(csv.DictReader(io.StringIO(report(whole).decode("utf-8-sig"))))
    (never,) = (line for line in lines if line["key"] == "never")
    assert never["outcome"] == "not reached"
