from __future__ import annotations

import io
import json

from s4desk.app.cli.console import Console
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.identity import ConnectionId, Location

ODD = "a\nb\\c\x1b[2J\udcffé"


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def written(out: io.TextIOWrapper) -> bytes:
    out.flush()
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


def test_a_pipe_gets_the_bytes_and_one_line_per_record():
    out = io.TextIOWrapper(io.BytesIO(), "ascii")
    console = Console(as_json=False, out=out)
    console.record({}, console.name(ODD))
    assert written(out) == b"a\\nb\\\\c\x1b[2J\xff\xc3\xa9\n"


def test_a_terminal_gets_nothing_that_moves_its_cursor():
    out = Terminal(io.BytesIO(), "utf-8")
    console = Console(as_json=False, out=out)
    console.record({}, console.name(ODD))
    assert written(out) == "a\\nb\\c\\x1b[2J\\xffé\n".encode()


def test_a_terminal_of_another_encoding_gets_what_it_can_show():
    out = Terminal(io.BytesIO(), "ascii")
    console = Console(as_json=False, out=out)
    console.record({}, console.name("é"))
    assert written(out) == b"\\xe9\n"


def test_a_document_is_exact_but_for_a_terminal():
    document = 'a\x1b[2J,b\r\n"c\nd"\r\n'
    for out, expected in (
        (io.TextIOWrapper(io.BytesIO(), "ascii"), document),
        (Terminal(io.BytesIO(), "utf-8"), 'a\\x1b[2J,b\n"c\nd"\n'),
    ):
        Console(as_json=False, out=out).document(document)
        assert written(out) == expected.encode()


def test_json_is_exact():
    out = io.TextIOWrapper(io.BytesIO(), "ascii")
    Console(as_json=True, out=out).record({"key": ODD}, "not this")
    assert written(out).count(b"\n") == 1
    assert json.loads(written(out)) == {"key": ODD}


def test_a_failure_is_counted_and_told_on_one_line(capsys):
    console = Console(as_json=False)
    console.fail("it\ndid not work.", subject="a\x07b")
    assert console.failures == 1
    assert capsys.readouterr().err == "s4desk: a\\x07b: it\\ndid not work.\n"


def test_progress_is_only_for_terminals(capsys, monkeypatch):
    console = Console(as_json=False)
    console.progress("half")
    assert capsys.readouterr().err == ""

    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    console.progress("all of it")
    console.progress("done")
    console.say("Fine.")
    assert capsys.readouterr().err == "\rall of it\rdone     \r    \rFine.\n"


def test_an_error_names_its_object_as_it_is_typed(capsys):
    """Also one of ours, which does not know the connection."""
    console = Console(as_json=False, out=io.TextIOWrapper(io.BytesIO(), "ascii"))
    console.fail(NotFoundError("x", location=Location("b", "k")))
    console.connection_at = lambda _: Connection(ConnectionId("1"), "Work")
    console.fail(NotFoundError("x", location=Location("b", "k")))
    told = capsys.readouterr().err
    assert ("“s3://b/k”" in told, "“Work:b/k”" in told) == (True, True)
