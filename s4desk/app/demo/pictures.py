"""Landscapes that nobody photographed, as valid PNG files."""

from __future__ import annotations

import math
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

Colour = tuple[int, int, int]

# Top and bottom of the sky, then the ranges of hills from far to near.
MOODS: Final[tuple[tuple[Colour, ...], ...]] = (
    ((46, 84, 150), (255, 205, 150), (126, 122, 150), (84, 84, 118), (44, 48, 78)),
    ((96, 158, 220), (232, 243, 250), (140, 172, 182), (92, 134, 124), (48, 88, 72)),
    ((52, 30, 84), (246, 128, 98), (116, 70, 108), (74, 44, 84), (36, 22, 52)),
    ((132, 150, 168), (226, 230, 230), (160, 172, 178), (116, 132, 140), (70, 86, 96)),
)
SUN: Final[Colour] = (255, 244, 214)
SKY_SHADES: Final = 192
HILL_SHADES: Final = 16
RANGES: Final = 3
SUN_SHADE: Final = SKY_SHADES + RANGES * HILL_SHADES
SUN_MARK: Final = RANGES + 1
GRAIN: Final = 3


def landscape(random: Random, width: int, height: int) -> bytes:
    """A sky with a low sun over three ranges of hills, with the grain of a cheap camera."""
    starts = _starts(random, width, height)
    sun_x, sun_y = random.randrange(width), int(height * random.uniform(0.2, 0.5))
    radius = height // 14
    # 0 is sky, 1 to RANGES are hills: the nearer one has the higher number.
    marks = bytearray(width)
    rows = bytearray()
    for y in range(height):
        for x, layer in starts[y]:
            marks[x] = max(marks[x], layer)
        row = bytes(marks)
        if abs(y - sun_y) <= radius:
            half = int(math.sqrt(radius * radius - (y - sun_y) ** 2))
            left, right = max(0, sun_x - half), sun_x + half + 1
            row = row[:left] + row[left:right].replace(b"\0", bytes([SUN_MARK])) + row[right:]
        rows += b"\0" + row.translate(_shades(y, height))
    return _png(width, height, _palette(random.choice(MOODS)), _grained(random, rows, width))


def _starts(random: Random, width: int, height: int) -> list[list[tuple[int, int]]]:
    """For each row the columns, with their range of hills, where a hill begins."""
    starts: list[list[tuple[int, int]]] = [[] for _ in range(height)]
    for layer in range(1, RANGES + 1):
        waves = [
            (random.uniform(0.6, 1.4) / harmonic, harmonic, random.uniform(0, math.tau))
            for harmonic in (1, 2, 3, 5, 8, 13)
        ]
        middle = 0.36 + 0.17 * layer
        for x in range(width):
            angle = x / width * math.tau
            wave = sum(size * math.sin(n * angle * 0.8 + phase) for size, n, phase in waves)
            y = int(height * (middle + 0.05 * wave))
            starts[min(max(y, 0), height - 1)].append((x, layer))
    return starts


def _shades(y: int, height: int) -> bytes:
    """The palette's entries for the marks of row `y`, as a table for `translate`."""
    sky = y * (SKY_SHADES - GRAIN - 1) // height
    hills = [SKY_SHADES + layer * HILL_SHADES for layer in range(RANGES)]
    return bytes([sky, *hills, SUN_SHADE]).ljust(256, b"\0")


def _grained(random: Random, rows: bytearray, width: int) -> bytes:
    height = len(rows) // (width + 1)
    mask = (b"\0" + bytes([GRAIN]) * width) * height
    noise = random.getrandbits(len(rows) * 8) & int.from_bytes(mask, "big")
    return (int.from_bytes(rows, "big") ^ noise).to_bytes(len(rows), "big")


def _palette(mood: tuple[Colour, ...]) -> bytes:
    top, bottom, *hills = mood
    colours = _gradient(top, bottom, SKY_SHADES)
    for far, near in pairwise([*hills, (20, 22, 30)]):
        colours += _gradient(far, _mixed(far, near, 0.35), HILL_SHADES)
    colours += [SUN] * HILL_SHADES
    return bytes(part for colour in colours for part in colour)


def _gradient(first: Colour, last: Colour, steps: int) -> list[Colour]:
    return [_mixed(first, last, step / (steps - 1)) for step in range(steps)]


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _png(width: int, height: int, palette: bytes, rows: bytes) -> bytes:
    """Eight bits a pixel, with a palette. https://www.w3.org/TR/png-3/"""
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", header),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(rows, 2)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
