"""Fills moto's backend with the sample buckets, in the process and not over HTTP.

Everything is a function of `now`: ages stay plausible whenever the demo is started, and two runs
at the same moment are the same to the byte.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from s4desk.app.demo.documents import STATIONS, documents
from s4desk.app.demo.pictures import landscape
from s4desk.app.demo.samples import Sample, gzip_file, pdf_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REGION: Final = "us-east-1"
MANY: Final = "many"
MANY_COUNT: Final = 20_000

ODD_KEYS: Final = (
    "with space.txt",
    " leading and trailing space ",
    "one+one.txt",
    "100%.txt",
    "encoded%20space.txt",
    "ünïcödé/naïve café.txt",
    "日本語/資料.txt",
    "emoji/😀👩‍👩‍👧.txt",
    "/leading-slash.txt",
    "double//slash.txt",
    "up/../one.txt",
    "../outside.txt",
    "./here.txt",
    "here/./there.txt",
    "trailing-slash/",
    "quotes/'single' \"double\".txt",
    "markup/<b>&amp;</b>.txt",
    "back\\slash.txt",
    "query;semi?mark#hash=eq&amp.txt",
    "punctuation/*[!]{}^`|~$@,:.txt",
    "case/Readme.txt",
    "case/README.txt",
    "case/readme.txt",
    "unicode-forms/" + unicodedata.normalize("NFC", "é") + ".txt",
    "unicode-forms/" + unicodedata.normalize("NFD", "é") + ".txt",
    "control/tab\there.txt",
    "control/return\rhere.txt",
    "control/start-of-heading\x01.txt",
    "invisible/zero-width\u200b right-to-left\u202e.txt",
    "windows/CON",
    "windows/nul.txt",
    "windows/trailing dot.",
    "windows/colon: C.txt",
    "both",
    "both/",
    "both/inside.txt",
    "long/" + "segment-of-300-characters-" * 11 + "end",
    "deep/" + "d/" * 400 + "bottom.txt",
    "k" * 1024,
)

LIFECYCLE: Final[list[dict[str, Any]]] = [
    {
        "ID": "debug-logs-expire-after-30-days",
        "Status": "Enabled",
        "Filter": {"Prefix": "debug/"},
        "Expiration": {"Days": 30},
    },
    {
        "ID": "access-logs-cool-down",
        "Status": "Enabled",
        "Filter": {"Prefix": "access/"},
        "Transition": [
            {"Days": 30, "StorageClass": "STANDARD_IA"},
            {"Days": 90, "StorageClass": "GLACIER"},
        ],
        "Expiration": {"Days": 400},
    },
    {
        "ID": "tidy-up",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 60},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
]


def fill_small_buckets(backend: Any, now: datetime) -> None:
    """All buckets; `many` stays empty until `fill_many`."""
    _fill(backend, "photos", _photos(now), now, age_days=730)
    _fill(backend, "documents", documents(now), now, age_days=728)
    _fill(backend, "odd-keys", _odd_keys(now), now, age_days=200)
    _fill(backend, "logs", _logs(now), now, age_days=410)
    backend.put_bucket_lifecycle("logs", LIFECYCLE)
    _fill_versioned(backend, now)
    _fill_compliance(backend, now)
    _create(backend, MANY, now, age_days=90)


def fill_many(backend: Any, now: datetime) -> None:
    """The readings of one prefix of `many`, a second and a half apart."""
    random = Random(MANY)
    start = now.replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for number in range(1, MANY_COUNT + 1):
        taken = start + timedelta(seconds=number * 1.5)
        reading = {
            "station": STATIONS[number % len(STATIONS)],
            "taken": f"{taken:%Y-%m-%dT%H:%M:%SZ}",
            "level_m": round(random.uniform(0.3, 2.4), 3),
            "battery_v": round(random.uniform(11.4, 12.9), 2),
        }
        key = f"sensors/{taken:%Y-%m-%dT%H-%M-%S}Z-{number:06}.json"
        _put(backend, MANY, Sample(key, json.dumps(reading).encode(), min(taken, now)))


def _photos(now: datetime) -> Iterator[Sample]:
    random = Random("photos")
    sizes = ((480, 320), (640, 426), (720, 480), (960, 640), (480, 640))
    number = 2041
    for month in range(23, -1, -1):
        for _ in range(random.randrange(1, 5)):
            taken = now - timedelta(days=month * 30.4 + random.uniform(0, 29))
            number += random.randrange(1, 40)
            name = f"{taken:%Y/%m}/IMG_{number:04}.png"
            picture = landscape(random, *random.choice(sizes))
            yield Sample(name, picture, taken, metadata={"camera": "Tidewater Compact"})
    text = "# Photos\n\nFrom the boat and from the stations, by year and month.\n"
    yield Sample("README.md", text.encode(), now - timedelta(days=300))


def _odd_keys(now: datetime) -> Iterator[Sample]:
    for number, key in enumerate(ODD_KEYS):
        body = b"" if key.endswith("/") else f"This object's key is {key!r}.\n".encode()
        yield Sample(key, body, now - timedelta(days=number * 4.2, hours=1))


def _logs(now: datetime) -> Iterator[Sample]:
    random = Random("logs")
    for back in range(120):
        day = now - timedelta(days=back + 1)
        name = f"{day:%Y/%m/%d}"
        kind = "STANDARD" if back < 30 else "STANDARD_IA" if back < 90 else "GLACIER"
        lines = "".join(
            f'10.0.{random.randrange(8)}.{random.randrange(256)} - [{day:%d/%b/%Y}] "GET /tides/'
            f'{random.randrange(1, 7)}" {random.choice((200, 200, 200, 304, 404))} '
            f"{random.randrange(200, 9000)}\n"
            for _ in range(random.randrange(40, 120))
        )
        packed = gzip_file(lines.encode())
        yield Sample(f"access/{name}/access-{day:%Y-%m-%d}.log.gz", packed, day, kind)
        if back < 45:
            text = "".join(
                f"{day:%Y-%m-%d}T{hour:02}:17:03Z DEBUG gateway: spool holds "
                f"{random.randrange(400)} messages\n"
                for hour in range(24)
            )
            yield Sample(f"debug/{name}/gateway.log", text.encode(), day)


def _fill_versioned(backend: Any, now: datetime) -> None:
    bucket = _create(backend, "versioned", now, age_days=350)
    bucket.versioning_status = "Enabled"
    random = Random("versioned")
    names = ("handbook.md", "config/gateway.json", "config/stations.json", "texts/press-release.md")
    for name in names:
        for edition in range(1, random.randrange(3, 6) + 1):
            when = now - timedelta(days=300 - edition * 50 - random.random() * 20)
            paragraph = f"{name}, edition {edition}.\n" + "Read the gauge twice.\n" * edition
            _put(backend, "versioned", Sample(name, paragraph.encode(), when))
    for name, days in (("texts/rejected-slogan.md", 44), ("config/old-gateway.json", 10)):
        for edition in range(1, 4):
            when = now - timedelta(days=days + 90 - edition * 20)
            _put(backend, "versioned", Sample(name, f"Edition {edition}.\n".encode(), when))
        backend.delete_object("versioned", name)
        bucket.keys[name].last_modified = _naive(now - timedelta(days=days))


def _fill_compliance(backend: Any, now: datetime) -> None:
    bucket = _create(backend, "compliance", now, age_days=365)
    bucket.versioning_status = "Enabled"
    bucket.object_lock_enabled = True
    put = [
        ("ledgers/ledger-governance.pdf", "GOVERNANCE", 30, ""),
        ("audits/audit-report-compliance.pdf", "COMPLIANCE", 400, ""),
        ("cases/correspondence-legal-hold.pdf", "", 0, "ON"),
        ("ledgers/ledger-expired-retention.pdf", "GOVERNANCE", -15, ""),
        ("notes/not-locked.txt", "", 0, ""),
    ]
    for number, (name, mode, days, hold) in enumerate(put):
        title = name.rpartition("/")[2]
        body = (
            pdf_file(title, ["Kept as the law asks."]) if name.endswith("pdf") else b"Free to go.\n"
        )
        key = _put(
            backend, "compliance", Sample(name, body, now - timedelta(days=60 + number * 17))
        )
        if mode:
            until = (now + timedelta(days=days)).replace(microsecond=0)
            key.lock_mode, key.lock_until = mode, f"{until:%Y-%m-%dT%H:%M:%SZ}"
        if hold:
            key.lock_legal_status = hold


def _fill(
    backend: Any, name: str, samples: Iterable[Sample], now: datetime, *, age_days: int
) -> None:
    _create(backend, name, now, age_days=age_days)
    for sample in samples:
        _put(backend, name, sample)


def _create(backend: Any, name: str, now: datetime, *, age_days: int) -> Any:
    bucket = backend.create_bucket(name, REGION)
    bucket.creation_date = now - timedelta(days=age_days)
    return bucket


def _put(backend: Any, bucket: str, sample: Sample) -> Any:
    key = backend.put_object(
        bucket,
        sample.key,
        sample.body,
        storage=sample.storage_class,
        etag=hashlib.md5(sample.body, usedforsecurity=False).hexdigest(),
        disable_notification=True,
    )
    key.last_modified = _naive(sample.modified)
    key.set_metadata(
        {
            "Content-Type": sample.content_type,
            **{f"x-amz-meta-{name}": value for name, value in sample.metadata.items()},
        }
    )
    if sample.tags:
        backend.put_object_tagging(key, dict(sample.tags))
    return key


def _naive(moment: datetime) -> datetime:
    """moto's own times are in UTC and do not say so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
