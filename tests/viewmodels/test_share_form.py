"""Links as they are asked for and written down."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.identity import Location
from s4desk.core.domain.sign_in import KeyLife
from s4desk.viewmodels.link_list import head_of, lines_of
from s4desk.viewmodels.link_text import SignedLink, dots_text, link_text
from s4desk.viewmodels.qr_code import QUIET, code_of
from s4desk.viewmodels.share_form import LinksForm, ListForm, ShareForm

UNTIL = datetime(2026, 11, 21, 12, tzinfo=UTC)


def form_of(version: str = "", **texts: str) -> ShareForm:
    form = ShareForm(version)
    for name, text in texts.items():
        form.edit(name, text)
    return form


@pytest.mark.parametrize(
    ("expires", "span", "seconds"),
    [("1h", "", 3600), ("1d", "", 86_400), ("7d", "", 604_800), ("own", "90m", 5400)],
)
def test_a_link_works_as_long_as_is_chosen(expires: str, span: str, seconds: int):
    form = form_of(expires=expires, span=span)
    assert form.errors == {}
    assert form.result().expires_s == seconds


@pytest.mark.parametrize("span", ["8d", "169h", "0m", "", "soon"])
def test_more_than_a_week_is_refused(span: str):
    assert form_of(expires="own", span=span).errors.keys() == {"span"}
    assert form_of(expires="1h", span=span).errors == {}


def test_what_comes_back_is_for_those_who_read():
    texts = {"name": "ä b.txt", "type": "text/plain"}
    assert form_of("v1", **texts).result().query == {
        "versionId": "v1",
        "response-content-type": "text/plain",
        "response-content-disposition": "attachment; filename*=UTF-8''%C3%A4%20b.txt",
    }
    put = form_of(method="PUT", **texts)
    assert (put.result().query, put.is_shown("name"), put.is_shown("type")) == ({}, False, False)
    assert form_of(name="a\tb").errors.keys() == {"name"}


def test_nobody_writes_a_version():
    assert [each for each, _ in form_of("v1").fields["method"].choices] == ["GET", "HEAD"]


def test_a_key_that_ends_first_ends_the_link():
    early = SignedLink("u", UNTIL, KeyLife(UNTIL - timedelta(hours=3)))
    assert early.ends_at == UNTIL - timedelta(hours=3)
    assert link_text(early).endswith("Then its key ends.")
    late = SignedLink("u", UNTIL, KeyLife(UNTIL + timedelta(hours=3)))
    assert (late.ends_at, late.is_cut_short) == (UNTIL, False)


@pytest.mark.parametrize("key", ["a/../b", "./a", "a/.", ".."])
def test_dots_are_warned_of(key: str):
    assert "“..”" in dots_text(key)
    assert dots_text(f"x{key}x".replace("/", "_")) == ""


def test_links_are_written_as_a_table_or_as_lines():
    objects = [Location("b", "=1"), Location("b", "a\udcff")]
    links = [SignedLink("http://x/1", UNTIL), SignedLink("http://x/2", UNTIL, KeyLife())]
    assert lines_of(ListForm.TEXT, objects, links) == b"http://x/1\nhttp://x/2\n"
    table = head_of(ListForm.CSV) + lines_of(ListForm.CSV, objects, links)
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [(row["key"], row["works_until"], row["names"]) for row in rows] == [
        ("'=1", "2026-11-21T12:00:00+00:00", "guarded"),
        ("a\\xff", "", "escaped"),
    ]
    assert head_of(ListForm.TEXT) == b""
    assert LinksForm().result()[1] is ListForm.CSV


def test_a_code_has_room_around_it_and_an_end():
    code = code_of("https://s3.test/a?X-Amz-Signature=1")
    assert code is not None
    assert len({len(row) for row in code}) == 1
    assert not any(any(row) for row in code[:QUIET])
    assert code[QUIET][QUIET : QUIET + 7] == b"\1" * 7
    assert code_of("a" * 2953) is not None
    assert code_of("a" * 2954) is None


def test_the_end_of_a_link_has_its_time_zone():
    end = datetime(2026, 11, 28, 9, 30, 5, tzinfo=UTC)
    local = end.astimezone()
    zone = local.tzname()
    assert zone
    assert f"until {local:%Y-%m-%d %H:%M:%S} {zone}" in link_text(SignedLink("https://x", end))
