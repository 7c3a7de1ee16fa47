"""How a store tells of the parts of its objects, or does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.errors import (
    IntegrityError,
    NotFoundError,
    PermissionDeniedError,
    ThrottledError,
)
from s4desk.core.domain.identity import Location, UploadId, VersionId
from s4desk.core.domain.objects import Checksum, ObjectMeta, ObjectParts
from s4desk.core.domain.parts import PartReceipt
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.protocol import UploadTicket
from s4desk.core.wire.checksums import checksum, composite_sum
from tests.store.test_s3_scripted import error, store_on
from tests.wire.scripted import reply

KEY = Location("bucket", "folder/key")
META = ObjectMeta(KEY, 25, None, "e-3")
SUMMED = replace(META, checksum=Checksum("sha256", "x-3", is_full=False))


def parts_reply(rows, *, following=None, etag="e-3"):
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><Size>{size}</Size>"
        f"<ChecksumSHA256>{value}</ChecksumSHA256></Part>"
        for number, size, value in rows
    )
    more = f"<NextPartNumberMarker>{following}</NextPartNumberMarker>" if following else ""
    told = f"<IsTruncated>{'true' if following else 'false'}</IsTruncated>{more}{parts}"
    return reply(
        f"<GetObjectAttributesResponse><ETag>{etag}</ETag><ObjectParts>{told}</ObjectParts>"
        "</GetObjectAttributesResponse>".encode()
    )


def telling(count, size, attributes=None):
    """A store whose first part is of this size; it answers with these to what else it is asked."""
    answers = list(attributes or ())

    def answer(asked):
        if asked.method == "HEAD":
            return reply(b"", status=206, x_amz_mp_parts_count=str(count), Content_Length=str(size))
        return answers.pop(0)

    return answer


@pytest.mark.parametrize(
    ("count", "size", "told"),
    [
        (3, 10, ObjectParts([10, 10, 5], is_exact=False)),
        (1, 25, ObjectParts([25])),
        (2, 5, ObjectParts([5, 20])),
        (3, 5, None),
        (3, 13, None),
        (0, 5, None),
        (10_001, 1, None),
    ],
)
async def test_the_first_part_tells_of_the_others(count, size, told):
    async with store_on(telling(count, size)) as store:
        assert await store.object_parts(META) == told
        (asked,) = store.server.asked
    assert asked.target == "/bucket/folder/key?partNumber=1"


def sized(sizes, *, count=None):
    def answer(asked):
        number = int(asked.target.partition("partNumber=")[2])
        told = {"x_amz_mp_parts_count": str(count or len(sizes))}
        return reply(b"", status=206, Content_Length=str(sizes[number - 1]), **told)

    return answer


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ([10, 10, 5], ObjectParts([10, 10, 5])),
        ([5, 13, 7], ObjectParts([5, 13, 7])),
        ([10, 9, 9], ObjectParts([10, 10, 5], is_exact=False)),
    ],
)
async def test_each_part_is_asked_for_where_that_matters(sizes, told):
    async with store_on(sized(sizes)) as store:
        assert await store.object_parts(META, exactly=True) == told
        asked = {each.target.partition("?")[2] for each in store.server.asked}
    assert asked == {"partNumber=1", "partNumber=2", "partNumber=3"}


async def test_two_parts_are_known_by_the_first():
    async with store_on(sized([5, 20])) as store:
        assert await store.object_parts(META, exactly=True) == ObjectParts([5, 20])
        assert len(store.server.asked) == 1


async def test_a_part_without_an_answer_of_its_own_leaves_the_others_unknown():
    def answer(asked):
        if asked.target.endswith("=2"):
            return reply(b"", Content_Length="25")
        return sized([10, 10, 5])(asked)

    capabilities = Capabilities()
    async with store_on(answer, capabilities=capabilities) as store:
        told = await store.object_parts(META, exactly=True)
    assert told == ObjectParts([10, 10, 5], is_exact=False)
    assert capabilities.tells_parts is not False


async def test_a_store_that_tells_nothing_is_not_asked_for_each():
    async with store_on(reply(b"", Content_Length="25")) as store:
        assert await store.object_parts(META, exactly=True) is None
        assert len(store.server.asked) == 1


async def test_a_version_is_asked_for():
    async with store_on(telling(1, 25, [parts_reply([(1, 25, "a")])])) as store:
        await store.object_parts(replace(SUMMED, version=VersionId("v1")))
        assert all("versionId=v1" in asked.target for asked in store.server.asked)


@pytest.mark.parametrize("refusal", [reply(b"", Content_Length="25"), error("InvalidArgument")])
async def test_a_store_that_ignores_part_numbers_is_asked_once(refusal):
    capabilities = Capabilities()
    async with store_on(refusal, capabilities=capabilities) as store:
        assert await store.object_parts(SUMMED) is None
        assert await store.object_parts(SUMMED) is None
        assert len(store.server.asked) == 1
    assert capabilities.tells_parts is False


@pytest.mark.parametrize(
    ("refusal", "raised"),
    [
        (error("SlowDown", 503), ThrottledError),
        (error("AccessDenied", 403), PermissionDeniedError),
        (error("NoSuchKey", 404), NotFoundError),
    ],
)
async def test_what_has_nothing_to_do_with_parts_is_raised(refusal, raised):
    async with store_on(refusal) as store:
        with pytest.raises(raised):
            await store.object_parts(META)


async def test_all_pages_of_the_parts_with_their_sums():
    pages = [
        parts_reply([(1, 4, "a"), (2, 8, "b")], following=2),
        parts_reply([(3, 13, "c")]),
    ]
    async with store_on(telling(3, 4, pages)) as store:
        told = await store.object_parts(SUMMED)
        _, first, second = store.server.asked
    assert told == ObjectParts([4, 8, 13], "sha256", ["a", "b", "c"])
    assert first.headers["x-amz-object-attributes"] == "ETag,ObjectParts"
    assert "x-amz-part-number-marker" not in first.headers
    assert second.headers["x-amz-part-number-marker"] == "2"
    assert second.target == "/bucket/folder/key?attributes"


@pytest.mark.parametrize(
    "page",
    [
        error("InternalError", 500),
        error("AccessDenied", 403),
        reply(b"<other/>"),
        parts_reply([(1, 10, "a"), (2, 10, "b")]),
        parts_reply([(1, 10, "a")], following=0),
        parts_reply([(1, 10, "a"), (2, 10, "b"), (3, 5, "c")], etag="another"),
    ],
)
async def test_without_attributes_the_first_part_has_to_do(page):
    async with store_on(telling(3, 10, [page])) as store:
        assert await store.object_parts(SUMMED) == ObjectParts([10, 10, 5], is_exact=False)


async def test_parts_without_sums_are_parts_still():
    rows = [(1, 4, ""), (2, 8, "b"), (3, 13, "c")]
    async with store_on(telling(3, 4, [parts_reply(rows)])) as store:
        assert await store.object_parts(SUMMED) == ObjectParts([4, 8, 13], "sha256", ())


async def test_a_line_that_breaks_is_no_answer():
    async with store_on(telling(3, 4, [error("SlowDown", 503)])) as store:
        with pytest.raises(ThrottledError):
            await store.object_parts(SUMMED)


# Uploads of which only the parts are summed

SUMS = [checksum("crc32", b"a"), checksum("crc32", b"b")]
PARTS = [PartReceipt(number, 1, f"e{number}", value) for number, value in enumerate(SUMS, 1)]
TICKET = UploadTicket(UploadId("u"), "crc32", is_composite=True)


def joined(value, kind="COMPOSITE"):
    return reply(
        f"<CompleteMultipartUploadResult><ETag>e-2</ETag><ChecksumCRC32>{value}</ChecksumCRC32>"
        f"<ChecksumType>{kind}</ChecksumType></CompleteMultipartUploadResult>".encode()
    )


WHOLE = composite_sum("crc32", SUMS)


@pytest.mark.parametrize(
    ("answer", "checked"),
    [
        (joined(WHOLE), "crc32"),
        (joined(WHOLE.partition("-")[0]), "crc32"),
        (joined("AAAAAA==", "FULL_OBJECT"), ""),
        (
            reply(
                b"<CompleteMultipartUploadResult><ETag>e-2</ETag></CompleteMultipartUploadResult>"
            ),
            "",
        ),
    ],
)
async def test_the_sums_of_parts_are_joined_to_a_sum_of_sums(answer, checked):
    async with store_on(answer) as store:
        done = await store.complete_multipart(KEY, TICKET, PARTS)
        (asked,) = store.server.asked
    assert done.checked == checked
    assert all(value in asked.body.decode() for value in SUMS)
    assert not any(name.startswith("x-amz-checksum") for name in asked.headers)


async def test_another_sum_of_sums_is_told():
    async with store_on(joined("AAAAAA==-2")) as store:
        with pytest.raises(IntegrityError, match=WHOLE):
            await store.complete_multipart(KEY, TICKET, PARTS)
