"""What stands before moto: who may come in, what is still being filled, and listings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from s4desk.app.demo import listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from threading import Event
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

XML: Final = [("Content-Type", "application/xml")]
UNKNOWN_KEY: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidAccessKeyId</Code>'
    b"<Message>This demo server knows the key it was started with and no other.</Message></Error>"
)


class DemoApplication:
    """moto's application, with what it lacks.

    moto lets everyone in: here a request must name the access key of this run, which keeps web
    pages and strangers out. Signatures are not verified. Buckets in `late` answer when their
    event is set.
    """

    def __init__(
        self, moto: WSGIApplication, backend: Any, access_key: str, late: Mapping[str, Event]
    ) -> None:
        self._moto = moto
        self._backend = backend
        self._access_key = access_key
        self._late = late
        self._begun: dict[str, datetime] = {}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
        if _access_key(environ, query) != self._access_key:
            start("403 Forbidden", XML)
            return [UNKNOWN_KEY]
        bucket, _, key = environ["PATH_INFO"].removeprefix("/").partition("/")
        if bucket in self._late:
            self._late[bucket].wait()
        if environ["REQUEST_METHOD"] == "GET" and not key and bucket in self._backend.buckets:
            page = listing.answer(self._backend.buckets[bucket], query, self._begun)
            if page is not None:
                start("200 OK", XML)
                return [page]
        answer = self._moto(environ, start)
        if environ["REQUEST_METHOD"] == "POST" and "uploads" in query:
            self._date_uploads(bucket)
        return answer

    def _date_uploads(self, bucket: str) -> None:
        """Note when an upload was begun: to moto all of them are from 2010."""
        if bucket in self._backend.buckets:
            for upload in list(self._backend.buckets[bucket].multiparts):
                self._begun.setdefault(upload, datetime.now(UTC))


def _access_key(environ: WSGIEnvironment, query: Mapping[str, str]) -> str:
    """From the header of a signed request or the query of a presigned one; "" without either."""
    signed = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2]
    credential = signed or query.get("X-Amz-Credential", "") or query.get("AWSAccessKeyId", "")
    return credential.partition("/")[0]
