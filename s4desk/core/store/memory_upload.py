"""A multipart upload of the store in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import InvalidRequestError
from s4desk.core.domain.parts import MIN_PART_SIZE, PartReceipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import Attributes


@dataclass(slots=True)
class MemoryUpload:
    """The parts that came, by their number; one that comes again replaces the former."""

    location: Location
    attributes: Attributes
    initiated: datetime
    parts: dict[int, tuple[PartReceipt, bytes]] = field(default_factory=dict)

    def receipts(self) -> list[PartReceipt]:
        return [self.parts[number][0] for number in sorted(self.parts)]

    def joined(self, parts: Sequence[PartReceipt]) -> tuple[bytes, str]:
        """The bytes of these parts and the ETag of the whole.

        Raises InvalidRequestError as S3's CompleteMultipartUpload does.
        """
        numbers = [part.number for part in parts]
        if numbers != sorted(set(numbers)) or not numbers:
            raise _refusal("InvalidPartOrder")
        for part in parts:
            held = self.parts.get(part.number)
            if held is None or held[0].etag != part.etag:
                raise _refusal("InvalidPart")
            if part.number != numbers[-1] and held[0].size < MIN_PART_SIZE:
                raise _refusal("EntityTooSmall")
        data = b"".join(self.parts[number][1] for number in numbers)
        sums = b"".join(bytes.fromhex(part.etag) for part in parts)
        return data, f"{md5(sums)}-{len(parts)}"


def md5(data: bytes) -> str:
    """In hexadecimal, as an ETag has it."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _refusal(code: str) -> InvalidRequestError:
    return InvalidRequestError(code, operation="complete_multipart")
