"""A failover group as a store: read from whoever answers, written to the first alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.errors import (
    InvalidRequestError,
    NotFoundError,
    S4DeskError,
    StoreError,
)
from s4desk.core.domain.failover import Answer
from s4desk.core.domain.identity import NULL_VERSION, Location
from s4desk.core.domain.objects import NO_ATTRIBUTES
from s4desk.core.failover.broadcast import Probed
from s4desk.core.failover.delivery import Delivery
from s4desk.core.failover.errors import (
    BackendDownError,
    HomeDownError,
    MixedOutcomeError,
    UsageLimitSkip,
    WritesRefusedError,
    out_of_reach,
)
from s4desk.core.failover.fetching import Fetch
from s4desk.core.failover.index import Copy, ListedCopies
from s4desk.core.failover.member import lent_answer
from s4desk.core.failover.outcomes import (
    goes_on,
    goes_on_of_version,
    is_of_no_use,
    passes_over,
)
from s4desk.core.failover.paging import PageToken, behind, going_on
from s4desk.core.failover.twins import Twins
from s4desk.core.store.protocol import MAX_KEYS, PutReply
from s4desk.core.store.request import Request, at
from s4desk.core.store.wrapper import StoreWrapper, put_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.access import Acl
    from s4desk.core.domain.identity import Prefix, VersionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import (
        Attributes,
        Bucket,
        DeleteFailure,
        Doomed,
        ObjectMeta,
        ObjectParts,
        Page,
    )
    from s4desk.core.domain.parts import PartReceipt, Span
    from s4desk.core.failover.member import Call, Member
    from s4desk.core.failover.outcomes import GoesOn
    from s4desk.core.failover.reading import Reader
    from s4desk.core.store.direct import Work
    from s4desk.core.store.protocol import Condition, GetReply, Moved, Store, UploadTicket
    from s4desk.core.store.request import Call as StoreCall
    from s4desk.core.wire.body import Body, Sink

T = TypeVar("T")

_READS: Final = ("get_", "list_")
"""How requests begin that change nothing: whatever else there may be is a write."""
_OF_MANY_PAGES: Final = ("list_uploads", "list_parts")
"""They may take longer than a request may be silent, and nobody hears of each page."""


class FailoverStore(StoreWrapper):
    """All of `Store`. What is not read here is asked of the first backend, and of no other:
    writes, unfinished uploads, configurations of buckets, and lists of versions. Ids of versions
    are those of one store, and what is read, deleted or restored by them is so there: “null” is one
    that every store knows.

    An object has the ETag of the original wherever it is read as a replica, and a version id only
    from the first backend: who names both gets the same bytes from any of them. Each request is
    made once at a backend: who wants it made again wraps the group.
    """

    def __init__(self, reader: Reader, twins: Twins | None = None) -> None:
        home = reader.members[0]
        super().__init__(home.store)
        self._home = home
        self._twins = twins or Twins(home.id)
        self.reader = replace(reader, gave=self._twins.gave, lost=self._twins.lost)

    def at_home(self) -> FailoverStore:
        """The same group, read from its first backend alone: for whoever is going to write or to
        delete, who must not decide by what another backend has."""
        return FailoverStore(replace(self.reader, is_at_home=True), self._twins)

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(self.reader.members)

    def names_of(self, bucket: str) -> frozenset[str]:
        """What it is called here, and at each backend."""
        return frozenset({bucket, *(each.backend.there(bucket) for each in self.members)})

    # Objects, wherever they are

    async def head(self, location: Location, *, version: VersionId | None = None) -> ObjectMeta:
        if version is not None:
            return await self._of_version(
                version,
                at("head", location),
                lambda store, _: store.head(location, version=version),
            )

        return await self.reader.read(location, partial(self._looked_at, location))

    async def get(
        self,
        location: Location,
        sink: Sink,
        *,
        span: Span | None = None,
        if_match: str = "",
        version: VersionId | None = None,
        algorithm: str = "",
        moved: Moved | None = None,
    ) -> GetReply:
        if version is not None and not if_match:
            return await self._get_version(location, version, sink, span, algorithm, moved)
        delivery = Delivery(sink, span, algorithm, moved)
        fetch = Fetch(self.reader, self._twins, location, delivery, if_match, version)
        return await fetch.run()

    async def _get_version(
        self,
        location: Location,
        version: VersionId,
        sink: Sink,
        span: Span | None,
        algorithm: str,
        moved: Moved | None,
    ) -> GetReply:
        """From its first byte at each that is asked."""
        delivery = Delivery(sink, span, algorithm, moved)

        async def get(store: Store, moved: Moved) -> GetReply:
            delivery.start_over()
            return await store.get(
                location,
                delivery.sink,
                span=span,
                version=version,
                algorithm=delivery.algorithm,
                moved=moved,
            )

        reply = await self._of_version(
            version, at("get", location, has_body=True), get, delivery.wanted(None), delivery.moved
        )
        return replace(reply, received=delivery.received(reply.meta, reply.received))

    async def object_parts(self, meta: ObjectMeta, *, exactly: bool = False) -> ObjectParts | None:
        """Of a backend that has an object of this very ETag; None where there is no such."""
        for member in self.reader.asked:
            there = self._twins.known_at(meta.location, member)
            is_home = there is None and member is self._home
            if is_home or (there is not None and there.etag == meta.etag):
                try:
                    return await member.ask(
                        at("object_parts", meta.location),
                        lambda store, _: store.object_parts(meta, exactly=exactly),
                    )
                except S4DeskError as error:
                    if not goes_on(error) or isinstance(error, NotFoundError):
                        raise
        return None

    async def get_tags(
        self, location: Location, *, version: VersionId | None = None
    ) -> Mapping[str, str]:
        return await self._read(
            at("get_tags", location), lambda s, _: s.get_tags(location, version=version), version
        )

    async def get_lock(self, location: Location, *, version: VersionId | None = None) -> LockState:
        return await self._read(
            at("get_lock", location), lambda s, _: s.get_lock(location, version=version), version
        )

    async def get_acl(self, location: Location, *, version: VersionId | None = None) -> Acl:
        return await self._read(
            at("get_acl", location), lambda s, _: s.get_acl(location, version=version), version
        )

    async def _read(self, request: Request, call: Call[T], version: VersionId | None) -> T:
        """What belongs to an object beside its bytes: of whoever gave that last, and of no other
        while that is known.

        Raises OutOfReachError when that one is of no use any more, and another has something there:
        who began with the one may begin anew with the other. Who is well, and only does not tell
        this or asks for patience, is believed to have the newest all the same.
        """
        location = request.location
        if version is not None:
            return await self._of_version(version, request, call, may_go_on=passes_over)

        async def attempt(member: Member) -> Probed[T]:
            return Probed(await member.ask(request, call))

        id_ = self._twins.giver(location)
        giver = next((each for each in self.reader.asked if each.id == id_), None)
        try:
            return await self.reader.read(location, attempt, only=giver, may_go_on=passes_over)
        except StoreError as error:
            if giver is None or error.backend != giver.name or not is_of_no_use(error):
                raise
            raise await self._instead(location, giver, error) from error

    async def _instead(self, location: Location, giver: Member, error: StoreError) -> StoreError:
        """What it means that whoever gave an object has failed so: `error` itself where no other
        has one there."""
        for member in self.reader.asked:
            if member is giver:
                continue
            with suppress(S4DeskError):
                other = (await self._looked_at(location, member)).value
                is_stand_in = member is not self._home
                return out_of_reach(error)(
                    f"{giver.name}: {error}; {member.name} has one, too",
                    member=giver.name,
                    cause=error,
                    other=other,
                    answer=Answer(member.id, is_failover=is_stand_in, may_be_old=is_stand_in),
                    location=location,
                    turn=partial(self.reader.gave, location, member),
                )
        return error

    async def _looked_at(self, location: Location, member: Member) -> Probed[ObjectMeta]:
        found = await member.ask(at("head", location), lambda store, _: store.head(location))
        there = member.as_there(found)
        self._twins.note(location, member, there)
        self.reader.index.learn([Copy(location, member.id, there.etag, there.size)])
        return Probed(self._twins.shown(location, member, there), there.size)

    async def _of_version(
        self,
        version: VersionId,
        request: Request,
        call: Call[T],
        size: int = 0,
        moved: Moved | None = None,
        *,
        may_go_on: GoesOn = goes_on_of_version,
    ) -> T:
        """A version is of one store: the others do not know its id, and say so as they like. What
        has none at home is not what has none elsewhere, though all call it “null”."""
        if version == NULL_VERSION:
            reply = await self._of_home(request, call, HomeDownError, size=size, moved=moved)
            self.reader.tell(Answer(self._home.id))
            return reply

        async def attempt(member: Member) -> Probed[T]:
            try:
                return Probed(await member.ask(request, call, size=size, moved=moved))
            except InvalidRequestError as error:
                if error.status == 416 or member is self._home:
                    raise
                raise NotFoundError(error.detail, operation=request.operation) from error

        try:
            return (await self.reader.in_turn(attempt, may_go_on=may_go_on))[1]
        except MixedOutcomeError as error:
            # The others are right, it is none of theirs: what home has failed with is the reason.
            said = error.outcomes[self._home.name]
            if isinstance(said, BackendDownError | UsageLimitSkip):
                raise self.reader.home_down(said) from error
            if isinstance(said, NotFoundError):
                raise
            self.reader.mark_home_alone(said)
            raise said from error

    # Listings

    async def list_objects(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        token: str | None = None,
        start_after: str = "",
        limit: int = MAX_KEYS,
        with_owner: bool = False,
    ) -> Page:
        """A listing goes on at another backend, behind its last key, when its own fails.

        That there is nothing is believed of one only where all before it have nothing either:
        whoever is left is asked, and then nobody knows.
        """
        begun = None if token is None else PageToken.parse(token)
        last = start_after if begun is None else begun.last
        failed: dict[str, S4DeskError] = {}
        empty: list[str] = []

        async def attempt(member: Member) -> Probed[Page]:
            try:
                probed = await listed(member)
                is_nothing = begun is None and not probed.value.keys and not probed.value.folders
                if is_nothing and not all(
                    isinstance(each, NotFoundError) for each in failed.values()
                ):
                    empty.append(member.name)
                    raise NotFoundError("nothing begins with this", operation="list_objects")
            except S4DeskError as error:
                failed[member.name] = error
                raise
            return probed

        async def listed(member: Member) -> Probed[Page]:
            own = begun.token if begun is not None and begun.backend == member.id else None
            page = await member.list_objects(
                prefix,
                delimiter=delimiter,
                token=own,
                start_after=last,
                limit=limit,
                with_owner=with_owner,
            )
            is_going_on = begun is not None and own is None
            return Probed(behind(page, last) if is_going_on else page)

        first = self._member(begun.backend) if begun is not None else None
        try:
            member, page = await self.reader.in_turn(attempt, first)
        except S4DeskError as error:
            if not empty:
                raise
            mixed = MixedOutcomeError(f"{', '.join(empty)}: nothing begins with this", failed)
            mixed.location = Location(prefix.bucket, prefix.prefix)
            raise mixed from error
        self.reader.index.learn(ListedCopies(page, member.id))
        return going_on(page, member.id, last)

    async def list_buckets(self) -> list[Bucket]:
        return await self._of_group(Request("list_buckets"), lambda s, _: s.list_buckets())

    async def head_bucket(self, bucket: str) -> Bucket:
        return await self._of_group(
            Request("head_bucket", bucket), lambda s, _: s.head_bucket(bucket)
        )

    async def _of_group(self, request: Request, call: Call[T]) -> T:
        async def attempt(member: Member) -> Probed[T]:
            return Probed(await member.ask(request, call))

        return (await self.reader.in_turn(attempt))[1]

    def _member(self, backend: str) -> Member | None:
        """None for one that is no member any more."""
        return next((each for each in self.members if each.id == backend), None)

    # Writes

    async def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        return await self._written(
            put_request(location, body),
            lambda moved: self._objects.put(
                location, body, attributes=attributes, condition=condition, moved=moved
            ),
            len(body),
            moved,
        )

    async def put_part(
        self,
        location: Location,
        ticket: UploadTicket,
        number: int,
        body: Body,
        *,
        moved: Moved | None = None,
    ) -> PartReceipt:
        return await self._written(
            at("put_part", location, has_body=True),
            lambda moved: self._objects.put_part(location, ticket, number, body, moved=moved),
            len(body),
            moved,
        )

    async def _around(self, request: Request, call: StoreCall[T], moved: Moved | None = None) -> T:
        if not request.operation.startswith(_READS):
            return await self._written(request, call, 0, moved)
        reply = await self._of_home(
            request,
            lambda _, moved: call(moved),
            HomeDownError,
            is_watched=request.operation not in _OF_MANY_PAGES,
        )
        self.reader.tell(Answer(self._home.id))
        return reply

    async def _written(
        self, request: Request, call: StoreCall[T], size: int, moved: Moved | None
    ) -> T:
        """What only the first backend does, with a body of `size` bytes."""
        home = self._home
        try:
            reply = await self._of_home(
                request,
                lambda _, moved: call(moved),
                WritesRefusedError,
                size=size,
                moved=moved,
                is_watched=False,
            )
        finally:
            self._forget(request)
        self.reader.tell(Answer(home.id))
        if isinstance(reply, PutReply):
            self.reader.index.learn([Copy(request.location, home.id, reply.etag)])
        return reply

    async def _of_home(
        self,
        request: Request,
        call: Call[T],
        down: type[HomeDownError],
        *,
        size: int = 0,
        moved: Moved | None = None,
        is_watched: bool = True,
    ) -> T:
        """What nobody else does in place of the first backend: `down` if that is left alone."""
        self.reader.hurry_home()
        try:
            return await self._home.ask(
                request, call, size=size, moved=moved, is_watched=is_watched
            )
        except (BackendDownError, UsageLimitSkip) as error:
            raise self.reader.home_down(error, down) from error
        except S4DeskError as error:
            self.reader.mark_home_alone(error)
            raise

    def _forget(self, request: Request) -> None:
        """What was known of an object may not be so any more, however a write went."""
        if request.key:
            self._twins.forget(request.location)
            if request.operation == "delete":
                self.reader.index.unlearn(request.location, self._home.id)

    async def delete_many(
        self, bucket: str, doomed: Sequence[Doomed], *, bypass: bool = False
    ) -> list[DeleteFailure]:
        try:
            return await super().delete_many(bucket, doomed, bypass=bypass)
        finally:
            for each in doomed:
                location = Location(bucket, each.key)
                self._twins.forget(location)
                self.reader.index.unlearn(location, self._home.id)

    async def directly(self, work: Work) -> None:
        """Lend a thread of the first backend that is well."""
        if self.reader.is_at_home:
            self.reader.hurry_home()
        well = (each for each in self.reader.asked if each.health.report.is_well)
        member = next(well, self._home)
        is_home = member is self._home
        lent = await member.lend(work, self._home)
        self.reader.index.learn(lent.copies)
        if lent.served:
            self.reader.count(lent_answer(member.id, is_home=is_home), lent.served)
