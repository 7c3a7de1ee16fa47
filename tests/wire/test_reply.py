"""Replies are read as RFC 9112 says, however the network cuts them."""

from __future__ import annotations

import http.client
import io
import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.wire.reply import (
    MAX_HEAD,
    BadReplyError,
    NoReplyError,
    Reply,
    ReplyReader,
    TruncatedReplyError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


class Pieces:
    """A stream that hands out what is given, piece by piece, and then ends."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = [piece for piece in pieces if piece]
        self.token = None

    def recv_into(self, view, limit, *, fill=False):
        if not self._pieces:
            return 0
        piece = self._pieces.pop(0)
        count = min(len(piece), len(view))
        view[:count] = piece[:count]
        if count < len(piece):
            self._pieces.insert(0, piece[count:])
        return count


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def read(*pieces: bytes, is_head: bool = False) -> tuple[Reply, ReplyReader]:
    reader = ReplyReader(Pieces(*pieces))
    return Reply(reader, is_head=is_head, first_byte=1, stall=1), reader


def test_a_reply_has_status_headers_and_body():
    reply, reader = read(b'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 5\r\n\r\nhello')
    assert (reply.status, reply.headers["etag"], reply.length) == (200, '"x"', 5)
    assert reply.read_all(100) == b"hello"
    assert reply.is_complete
    assert reply.keeps_alive
    assert reader.is_empty


def test_what_follows_the_body_is_not_part_of_it():
    reply, reader = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 500 surprise")
    assert reply.read_all(100) == b"ab"
    assert not reader.is_empty


def test_a_head_reply_has_a_length_and_no_body():
    reply, _ = read(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", is_head=True)
    assert (reply.length, reply.read_all(10), reply.keeps_alive) == (99, b"", True)


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body(status):
    reply, _ = read(f"HTTP/1.1 {status} X\r\nContent-Length: 7\r\n\r\n".encode())
    assert reply.read_all(10) == b""


def test_interim_replies_are_passed_over():
    reply, _ = read(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
    )
    assert reply.status == 404
    assert "link" not in reply.headers


def test_chunks_are_joined_and_trailers_dropped():
    body = b"4\r\nwiki\r\n6;ext=1\r\npedia \r\n0\r\nX-Trailer: 1\r\n\r\n"
    reply, reader = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    assert (reply.length, reply.read_all(100)) == (None, b"wikipedia ")
    assert reply.keeps_alive
    assert reader.is_empty


def test_without_a_length_the_body_goes_on_to_the_end():
    reply, _ = read(b"HTTP/1.1 200 OK\r\n\r\nall ", b"of it")
    assert reply.read_all(100) == b"all of it"
    assert not reply.keeps_alive


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close", False),
        (b"HTTP/1.0 200 OK", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive", True),
        (b"HTTP/1.1 200 OK", True),
    ],
)
def test_who_keeps_the_connection(head, keeps):
    assert read(head + b"\r\nContent-Length: 0\r\n\r\n")[0].keeps_alive is keeps


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_head_ends_at_its_first_empty_line(end):
    """Whatever the body looks like, and whatever comes before it ends lines with."""
    head = b"HTTP/1.1 200 OK\nContent-Length: 9\n" + end
    reply, reader = read(head + b"a: b\r\n\r\nc")
    assert (reply.headers, reply.read_all(10)) == ({"content-length": "9"}, b"a: b\r\n\r\nc")
    assert reader.is_empty


def test_what_follows_the_last_chunk_is_no_trailer():
    reply, reader = read(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nHTTP/1.1 500 surprise\r\nA: b\r\n\r\n"
    )
    assert reply.read_all(10) == b""
    assert reply.is_complete
    assert not reader.is_empty


def test_repeated_headers_are_joined():
    reply, _ = read(b"HTTP/1.1 200 OK\r\nA: 1\r\na:2\r\nContent-Length: 0\r\n\r\n")
    assert reply.headers["a"] == "1, 2"


@pytest.mark.parametrize(
    "head",
    [
        b"<html>no HTTP at all</html>\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * (MAX_HEAD + 1) + b"\r\n\r\n",
        b"x" * (MAX_HEAD + 10),
    ],
)
def test_what_is_no_reply_is_refused(head):
    with pytest.raises(BadReplyError):
        read(head)


@pytest.mark.parametrize(
    "body", [b"zz\r\nab\r\n", b"2\r\nabc\r\n0\r\n\r\n", b"\r\n\r\n", b"1" * 40 + b"\r\n"]
)
def test_broken_chunks_are_refused(body):
    reply, _ = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    with pytest.raises(BadReplyError):
        reply.read_all(100)


def test_no_reply_is_not_a_cut_reply():
    with pytest.raises(NoReplyError):
        read(b"")
    with pytest.raises(TruncatedReplyError):
        read(b"HTTP/1.1 200 OK\r\nA: ")


@pytest.mark.parametrize(
    ("framing", "body"),
    [(b"Content-Length: 9", b"short"), (b"Transfer-Encoding: chunked", b"5\r\nab")],
)
def test_a_cut_body_is_never_a_whole_one(framing, body):
    reply, _ = read(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + body)
    with pytest.raises(TruncatedReplyError):
        reply.read_all(100)


@pytest.mark.parametrize("framing", [b"Content-Length: 11\r\n\r\n", b"\r\n"])
def test_a_body_may_be_too_large(framing):
    data = b"HTTP/1.1 200 OK\r\n" + framing + b"hello world"
    assert read(data)[0].read_all(11) == b"hello world"
    with pytest.raises(BadReplyError):
        read(data)[0].read_all(10)
    assert read(data)[0].read_upto(5) == b"hello"


headers = st.dictionaries(
    st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True).filter(
        lambda name: name.lower() not in ("content-length", "transfer-encoding", "connection")
    ),
    st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True),
    max_size=6,
)


@given(
    status=st.sampled_from([200, 206, 301, 400, 404, 503]),
    fields=headers,
    chunks=st.lists(st.binary(min_size=1, max_size=50), max_size=5),
    is_chunked=st.booleans(),
    places=st.lists(st.integers(min_value=0), max_size=8),
)
def test_it_agrees_with_http_client(status, fields, chunks, is_chunked, places):
    body = b"".join(chunks)
    lines = [f"HTTP/1.1 {status} Some Reason".encode()]
    lines += [f"{name}: {value}".encode() for name, value in fields.items()]
    if is_chunked:
        lines.append(b"Transfer-Encoding: chunked")
        payload = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks)
        payload += b"0\r\n\r\n"
    else:
        lines.append(b"Content-Length: %d" % len(body))
        payload = body
    data = b"\r\n".join([*lines, b"", b""]) + payload

    class Socket:
        def makefile(self, _mode):
            return io.BytesIO(data)

    expected = http.client.HTTPResponse(Socket())
    expected.begin()
    reply, _ = read(*cut(data, places))
    assert reply.status == expected.status
    for name in fields:
        assert reply.headers[name.lower()] == ", ".join(expected.headers.get_all(name))
    assert reply.read_all(10_000) == expected.read() == body


@given(data=st.binary(max_size=300), places=st.lists(st.integers(min_value=0), max_size=5))
def test_noise_is_an_error_of_a_kind_we_know(data, places):
    for start in (
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
    ):
        try:
            reply, _ = read(*cut(start + data, places))
            reply.read_all(1000)
        except (BadReplyError, NoReplyError, TruncatedReplyError):
            pass
