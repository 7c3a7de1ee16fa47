"""How `ls` writes a page: quickly, and to the letter as one by one."""

from __future__ import annotations

import io
import json
import random
import time
from array import array
from datetime import UTC, datetime
from math import nan
from typing import TYPE_CHECKING

import pytest

from s4desk.app.cli.console import Console
from s4desk.app.cli.listings import _quarter, show_page
from s4desk.app.demo.seed import ODD_KEYS
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = [*ODD_KEYS, "byte\udcff", 'quote"', "del\x7f", "é"]


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    _quarter.cache_clear()
    yield request.param
    monkeypatch.undo()
    time.tzset()
    _quarter.cache_clear()


def page_of(keys: list[str], times: list[float]) -> Page:
    sizes = array("q", range(len(keys)))
    return Page(
        Prefix('b"'), keys, sizes, array("d", times), ["e"] * len(keys), ["STANDARD"] * len(keys)
    )


def written(page: Page, *, as_json: bool) -> bytes:
    out = io.TextIOWrapper(io.BytesIO(), "ascii")
    console = Console(as_json=as_json, out=out)
    assert show_page(page, console) == len(page)
    console.flush()
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


@pytest.mark.parametrize("keys", [KEYS, ["plain", "é"], []])
def test_a_record_is_what_json_makes_of_it(keys):
    page = page_of(keys, [nan, *[1.25] * len(keys)][: len(keys)])
    expected = [
        {
            "type": "object",
            "bucket": 'b"',
            "key": key,
            "size": row,
            "modified": datetime.fromtimestamp(1.25, UTC).isoformat() if row else None,
            "etag": "e",
            "storage_class": "STANDARD",
        }
        for row, key in enumerate(keys)
    ]
    assert written(page, as_json=True).decode() == "".join(f"{json.dumps(e)}\n" for e in expected)


def test_a_line_holds_one_key_whatever_its_name():
    lines = written(page_of(KEYS, [nan] * len(KEYS)), as_json=False).split(b"\n")
    escaped = [key.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") for key in KEYS]
    assert [line[35:] for line in lines] == [
        *(key.encode("utf-8", "surrogateescape") for key in escaped),
        b"",
    ]


@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Monrovia",
        "X-0:10:07",
    ],
    indirect=True,
)
def test_times_are_those_of_the_clock_on_the_wall(zone):
    some = random.Random(zone)
    times = [some.uniform(-1e8, 4e9) for _ in range(300)]
    # Around the change of clocks in Berlin and on Lord Howe Island.
    for change in (1792890000, 1774746000, 1791039600):
        times += [change + step for step in (-3601, -901, -1, -0.5, 0, 0.5, 899, 900, 3599, 3600)]
    page = page_of(["k"] * len(times), times)
    found = [line[:19].decode() for line in written(page, as_json=False).splitlines()]
    assert found == [
        time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each // 1)) for each in times
    ]
