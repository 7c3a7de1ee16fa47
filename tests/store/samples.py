"""What the contracts share: content, odd keys, and reading it all back."""

from __future__ import annotations

from s4desk.core.store.protocol import Condition
from s4desk.core.wire.body import BytesSink

CONTENT = bytes(range(256)) * 400
ABSENT = Condition(if_absent=True)

ODD_KEYS = {
    "space": "a b",
    "plus": "a+b",
    "percent": "100%",
    "percent20": "a%20b",
    "latin": "ünï/cödé",
    "cjk": "日本語",
    "emoji": "😀👩‍👩‍👧.txt",
    "leading slash": "/lead",
    "double slash": "a//b",
    "dot segments": "x/../y",
    "leading dots": "../up",
    "dot": "./x",
    "trailing slash": "dir/",
    "newline": "line\nbreak",
    "carriage return": "cr\rx",
    "tab": "tab\tx",
    "control": "c\x01x",
    "quotes": "q'\"&<>",
    "backslash": "back\\slash",
    "query": "a;b?c#d=e&f",
    "1024 bytes": "k" * 1024,
    "1024 deep": ("d" * 127 + "/") * 7 + "e" * 128,
    "300 segment": "s" * 300,
    "NFD": "e\u0301x",
    "trailing dot": "dot.",
    "trailing space": "sp ",
    "specials": "\ufffd\u200b\u202e",
    "stars": "*[!]{}^`|~$@,:",
}
TWINS = ["A", "a", "a/", "a/b", "e\u0301", "\u00e9", "x", "X"]


class Bytes:
    """A source in memory, as worker threads read it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read_into(self, view, offset):
        view[:] = self._data[offset : offset + len(view)]


def in_key_order(keys):
    return sorted(keys, key=lambda key: key.encode("utf-8", "surrogateescape"))


async def read(store, location, **how):
    sink = BytesSink()
    await store.get(location, sink, **how)
    return bytes(sink.data)


async def walk(store, prefix, **how):
    """All pages of a listing; each is checked to be no longer than asked."""
    pages, token = [], None
    while True:
        page = await store.list_objects(prefix, token=token, **how)
        pages.append(page)
        assert len(page) + len(page.folders) <= how.get("limit", 1000)
        token = page.next_token
        if token is None:
            return pages
        how.pop("start_after", None)


def keys_of(pages):
    return [key for page in pages for key in page.keys]


def folders_of(pages):
    return [folder for page in pages for folder in page.folders]
