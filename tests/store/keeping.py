"""A server that keeps the configurations of buckets byte for byte, and knows all kinds."""

from __future__ import annotations

import threading
from urllib.parse import parse_qsl, urlsplit

from s4desk.core.domain.bucket_config import MINIMUM_SIZE_HEADER
from tests.wire.scripted import reply

NONE = b"<Error><Code>NoSuchConfiguration</Code><Message>none</Message></Error>"


class Keeper:
    """Answers for a ScriptedServer. `kept` are bodies by subresource and id; pages hold one id."""

    def __init__(self):
        self.kept = {}
        self.sizes = {}
        self._lock = threading.Lock()

    def __call__(self, asked):
        query = dict(parse_qsl(urlsplit(asked.target).query, keep_blank_values=True))
        id_, token = query.pop("id", ""), query.pop("continuation-token", "")
        ((name, _),) = query.items()
        with self._lock:
            return self._answer(asked, name, id_, token)

    def _answer(self, asked, name, id_, token):
        if asked.method == "PUT":
            self.kept[name, id_] = asked.body
            self.sizes[name, id_] = asked.headers.get(MINIMUM_SIZE_HEADER)
            return reply()
        if asked.method == "DELETE":
            self.kept.pop((name, id_), None)
            return reply(status=204)
        if (name, id_) in self.kept:
            size = self.sizes[name, id_]
            return reply(self.kept[name, id_], **({MINIMUM_SIZE_HEADER: size} if size else {}))
        ids = sorted(id_ for each, id_ in self.kept if each == name and id_)
        return reply(_page(ids, token)) if ids and not id_ else reply(NONE, status=404)


def _page(ids, token):
    """One id, and where the next one is."""
    at = int(token or 0)
    more = at + 1 < len(ids)
    following = f"<NextContinuationToken>{at + 1}</NextContinuationToken>" if more else ""
    return (
        f"<ListConfigurationsResult><IsTruncated>{str(more).lower()}</IsTruncated>{following}"
        f"<Configuration><Id>{ids[at]}</Id><Filter/></Configuration></ListConfigurationsResult>"
    ).encode()
