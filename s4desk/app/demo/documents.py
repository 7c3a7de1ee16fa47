"""The papers of a small research station: what the bucket `documents` holds."""

from __future__ import annotations

import array
import math
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from s4desk.app.demo.pictures import landscape
from s4desk.app.demo.samples import (
    Sample,
    csv_file,
    gzip_file,
    json_file,
    pdf_file,
    tar_gz_file,
    wav_file,
    zip_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIONS: Final = ("Skerry Point", "Grey Ness", "North Harbour", "Sandholm", "Vik", "Ångholmen")
CUSTOMERS: Final = ("Harbour Office", "Ferry Lines AB", "City of Vik", "Kelp Farmers' Union")
TELEMETRY_BYTES: Final = 30_000_000

README: Final = """# Tidewater Research

Six tide gauges, two hydrophones and one very old boat.

| folder | what is in it |
|---|---|
| `reports/` | one report per quarter |
| `field-notes/` | what we saw when we went there |
| `finance/` | budgets, expenses, invoices |
| `measurements/` | tide levels, calibration, raw telemetry |
| `engineering/` | firmware, formats, deployment |
| `archive/` | seasons past, in cold storage |
"""
WIRE_FORMAT: Final = """# Wire format of the sensor node, version 3

Every message is one CBOR map of at most 96 bytes.

- `t` seconds since 2020-01-01T00:00:00Z
- `l` level in millimetres above chart datum
- `v` battery in millivolts
- `s` sequence number, wraps at 65 535

A gateway that misses a number asks once, an hour later, and then lets it go.
"""
COMPOSE: Final = """name: tidewater
services:
  gateway:
    image: tidewater/gateway:3.2
    restart: unless-stopped
    volumes: ["./spool:/spool"]
  archive:
    image: tidewater/archive:1.9
    environment:
      BUCKET: sensors
"""
PLOT: Final = '''"""Plot a day of tide levels in the terminal."""

import csv
import sys

with open(sys.argv[1], newline="") as source:
    for row in csv.DictReader(source):
        print(row["time"], "#" * round(float(row["level_m"]) * 20))
'''
LOGO: Final = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <circle cx="32" cy="32" r="30" fill="#d8ecf5"/>
  <path d="M4 36q7-8 14 0t14 0 14 0 14 0v8a28 28 0 0 1-56 0z" fill="#2a7ca3"/>
</svg>
"""
WEATHER: Final = ("calm, light fog", "fresh westerly, rain later", "clear and cold", "gale warning")
FINDINGS: Final = (
    "Cleaned barnacles off the stilling well; the level jumped by 14 mm afterwards.",
    "Replaced the battery. The old one read 11.2 V and had been chewed by something.",
    "Gauge and staff agree within 3 mm. Nothing to do but the photographs.",
    "The antenna mast leans. Guyed it with what was on board; needs a proper visit.",
)


def documents(now: datetime) -> Iterator[Sample]:
    """Everything in the bucket, spread over the two years before `now`."""
    random = Random("documents")
    yield Sample("README.md", README.encode(), _before(now, 400))
    # How S3 consoles make an empty folder: an object of no bytes whose key ends in a slash.
    yield Sample("drafts/", b"", _before(now, 12))
    yield from _reports(random, now)
    yield from _field_notes(random, now)
    yield from _finance(random, now)
    yield from _measurements(random, now)
    yield from _engineering(random, now)
    yield from _media(random, now)
    yield from _archive(random, now)


def _before(now: datetime, days: float) -> datetime:
    return now - timedelta(days=days)


def _reports(random: Random, now: datetime) -> Iterator[Sample]:
    for back in range(7, -1, -1):
        end = _before(now, 20 + back * 91)
        quarter = f"{end.year}-Q{(end.month + 2) // 3}"
        levels = [(station, random.uniform(-4, 9)) for station in STATIONS]
        title = f"Station summary {quarter}"
        lines = ["Mean level against the same quarter of the year before:", ""]
        lines += [f"    {station}: {change:+.1f} cm" for station, change in levels]
        uptime = random.uniform(96, 99.9)
        lines += ["", f"Gauges delivered {uptime:.1f} % of their messages."]
        folder = f"reports/{end.year}"
        aged = "STANDARD_IA" if back > 3 else "STANDARD"
        tags = {"department": "research", "status": "published"}
        yield Sample(f"{folder}/{title}.pdf", pdf_file(title, lines), end, aged, tags)
        table = csv_file(["station", "change_cm"], ((s, f"{c:.1f}") for s, c in levels))
        yield Sample(f"{folder}/tables/{quarter} levels.csv", table, end, aged, tags)


def _field_notes(random: Random, now: datetime) -> Iterator[Sample]:
    for visit in range(18):
        day = _before(now, 9 + visit * 38 + random.random() * 20)
        station = random.choice(STATIONS)
        text = (
            f"# {station}, {day:%Y-%m-%d}\n\nWeather: {random.choice(WEATHER)}.\n\n"
            f"{random.choice(FINDINGS)}\n\nBack in harbour at {random.randrange(14, 20)}:30.\n"
        )
        yield Sample(f"field-notes/{day:%Y-%m-%d} {station}.md", text.encode(), day)


def _finance(random: Random, now: datetime) -> Iterator[Sample]:
    confidential = {"department": "finance", "confidential": "yes"}
    for year in (now.year - 1, now.year):
        posts = ("Boat and fuel", "Gauges", "Data links", "Salaries", "Insurance", "Coffee")
        rows = (
            (post, random.randrange(2, 90) * 500, random.randrange(2, 90) * 500) for post in posts
        )
        budget = csv_file(["post", "planned", "spent"], rows)
        age = 30 if year == now.year else 330
        yield Sample(f"finance/budget-{year}.csv", budget, _before(now, age), tags=confidential)
    for number in range(1, 25):
        issued = _before(now, 715 - number * 29)
        name = f"INV-{issued.year}-{number:04}"
        invoice = {
            "number": name,
            "issued": f"{issued:%Y-%m-%d}",
            "customer": random.choice(CUSTOMERS),
            "lines": [{"text": "Tide data, monthly", "amount": random.randrange(40, 400) * 10}],
            "currency": "EUR",
        }
        folder = f"finance/invoices/{issued.year}"
        yield Sample(f"{folder}/{name}.json", json_file(invoice), issued, tags=confidential)


def _measurements(random: Random, now: datetime) -> Iterator[Sample]:
    places = [
        (f"S{n:02}", name, round(58 + random.random() * 2, 5), round(10 + random.random(), 5))
        for n, name in enumerate(STATIONS, 1)
    ]
    table = csv_file(["id", "name", "latitude", "longitude"], places)
    yield Sample("measurements/stations.csv", table, _before(now, 610))
    offsets = {place[0]: {"offset_mm": random.randrange(-9, 9), "gain": 1.0} for place in places}
    yield Sample("measurements/calibration.json", json_file(offsets), _before(now, 75))
    start = _before(now, 365).replace(minute=0, second=0, microsecond=0)
    levels = csv_file(
        ["time", "level_m"],
        (
            (
                f"{start + timedelta(hours=h):%Y-%m-%dT%H:%MZ}",
                f"{_tide(h) + random.gauss(0, 0.03):.3f}",
            )
            for h in range(0, 24 * 360)
        ),
    )
    yield Sample(
        f"measurements/tide-levels-{start.year}.csv", levels, _before(now, 4), "INTELLIGENT_TIERING"
    )
    block = "".join(
        f"S{random.randrange(1, 7):02},{s},{_tide(s / 600):.3f},{random.randrange(11000, 13000)}\n"
        for s in range(8000)
    ).encode()
    telemetry = b"station,sequence,level_m,battery_mv\n" + block * (TELEMETRY_BYTES // len(block))
    yield Sample("measurements/telemetry-raw.csv", telemetry, _before(now, 2.2))


def _tide(hours: float) -> float:
    """Two tides a day, and a fortnight between one spring tide and the next."""
    spring = 0.7 + 0.3 * math.cos(hours / 354.4 * math.tau)
    return 1.2 + spring * math.sin(hours / 12.42 * math.tau)


def _engineering(random: Random, now: datetime) -> Iterator[Sample]:
    yield Sample("engineering/formats/wire-format.md", WIRE_FORMAT.encode(), _before(now, 290))
    yield Sample("engineering/deploy/compose.yaml", COMPOSE.encode(), _before(now, 61))
    yield Sample("engineering/tools/plot_day.py", PLOT.encode(), _before(now, 145))
    for version, age in (("1.3.0", 520), ("1.4.0", 260), ("1.4.2", 40)):
        built = _before(now, age)
        members = {
            "sensor-node/VERSION": version.encode(),
            "sensor-node/node.bin": random.randbytes(90_000),
        }
        yield Sample(
            f"engineering/firmware/sensor-node-{version}.tar.gz",
            tar_gz_file(members, built),
            built,
            "ONEZONE_IA" if age > 500 else "STANDARD",
            metadata={"version": version, "built-by": "harbour-ci"},
        )


def _media(random: Random, now: datetime) -> Iterator[Sample]:
    yield Sample("media/logo.svg", LOGO.encode(), _before(now, 700))
    yield Sample("media/Poster (final) v2.png", landscape(random, 1200, 800), _before(now, 18))
    rate_hz = 8000
    song = array.array("h")
    for n in range(rate_hz * 6):
        pitch_hz = 180 + 60 * math.sin(n / rate_hz * 2.1)
        song.append(int(9000 * math.sin(n / rate_hz * pitch_hz) + random.uniform(-800, 800)))
    sound = wav_file(song.tobytes(), rate_hz=rate_hz)
    yield Sample("media/hydrophone-whale.wav", sound, _before(now, 222), "STANDARD_IA")


def _archive(random: Random, now: datetime) -> Iterator[Sample]:
    for age, kind in ((660, "GLACIER"), (705, "DEEP_ARCHIVE")):
        season = _before(now, age)
        members = {f"notes/{n:02}.txt": random.randbytes(6_000).hex().encode() for n in range(8)}
        yield Sample(
            f"archive/{season.year}/field-season-{season:%Y-%m}.zip",
            zip_file(members, season),
            season,
            kind,
        )
    raw = gzip_file(b"".join(b"%d %.3f\n" % (n, _tide(n)) for n in range(60_000)))
    yield Sample("archive/tide-levels-all.csv.gz", raw, _before(now, 690), "GLACIER_IR")
